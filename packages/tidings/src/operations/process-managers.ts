// Lists the instances of process managers and shows the history of one, step by step.
// Invariant: every answer is bounded, and processes that the code no longer defines are still shown, as stored.

import { isTidingsError, TidingsError } from '../errors/index.ts'
import {
  instanceKey,
  type ProcessInstance,
  type ProcessStep,
  standing,
  stepKey,
  storedProcesses,
} from '../runtime/process-managers/process-instance.ts'
import { timerId } from '../runtime/schedule/scheduled-item.ts'
import type { ServiceRuntime } from '../runtime/service/service-runtime.ts'
import { readDocument, systemTables } from '../runtime/unit-of-work/system-tables.ts'
import { factsOfSteps, type ShownFact, type ShownState, stateOf, ValueBudget } from './process-values.ts'
import { boundedLimit, effectsOf, type PendingEffect, type PendingTimer, timersOf } from './scheduled-items.ts'

/** An instance of a process manager and the service it runs in. */
export interface ListedProcess extends ProcessInstance {
  readonly service: string
}

/** Which instances to list. */
export interface ProcessListOptions {
  /** Only instances of this process. */
  readonly process?: string
  /** Only instances in this state. */
  readonly state?: ProcessInstance['state']
  /** Continue after the `next` of an earlier answer. */
  readonly after?: string
  /** The most instances: 1 to 1,000. Default: 100. */
  readonly limit?: number
}

/** Instances, sorted by process and then by key. (Sorting by time would need a scan.) */
export interface ProcessPage {
  readonly service: string
  readonly instances: readonly ListedProcess[]
  /** Pass it as `after` to continue; `undefined` if there are no more. */
  readonly next: string | undefined
}

/** Lists the instances of a service's process managers. Throws `UNKNOWN_PROCESS`. */
export async function listProcesses(service: ServiceRuntime, options: ProcessListOptions = {}): Promise<ProcessPage> {
  const { process: name, state, after } = options
  const limit = boundedLimit(options.limit)
  const names = name === undefined ? await storedProcesses(service.store) : [await knownName(service, name)]
  const instances: ListedProcess[] = []
  for (const each of names) {
    if (instances.length > limit) break
    if (after !== undefined && after >= `${each}0`) continue
    const continueAfter = after?.startsWith(`${each}/`) === true ? after : undefined
    const rows = await service.store.find({
      table: systemTables.processes,
      ...(state === undefined
        ? { fromKey: `${each}/`, toKey: `${each}0` }
        : { index: { column: 'standing', equals: standing(each, state) } }),
      ...(continueAfter === undefined
        ? {}
        : { after: { key: continueAfter, ...(state === undefined ? {} : { column: standing(each, state) }) } }),
      limit: limit + 1 - instances.length,
    })
    for (const { json } of rows) instances.push({ ...(JSON.parse(json) as ProcessInstance), service: service.name })
  }
  const page = instances.slice(0, limit)
  const last = page.at(-1)
  return {
    service: service.name,
    instances: page,
    next: instances.length > limit && last !== undefined ? instanceKey(last.process, last.key) : undefined,
  }
}

/** Which part of a history to show. */
export interface ProcessShowOptions {
  /** Only steps before this number. Pass the `earlier` of the answer before. Default: up to the last step. */
  readonly before?: number
  /** The most steps: 1 to 1,000. Default: 100. */
  readonly limit?: number
}

/** A step with its facts. */
export interface ShownStep extends Omit<ProcessStep, 'facts'> {
  readonly facts: readonly ShownFact[]
}

/** The history of an instance, or its newest part. */
export interface ProcessHistory extends ShownState {
  readonly instance: ListedProcess
  /** Oldest first. */
  readonly steps: readonly ShownStep[]
  /** Pass it as `before` to see earlier steps; `undefined` if there are none. */
  readonly earlier: number | undefined
  /** Its timers that are set. */
  readonly timers: readonly PendingTimer[]
  /** Effects that these steps requested and that are not performed yet. */
  readonly effects: readonly PendingEffect[]
}

/** Shows the history of an instance of a process manager. Throws `UNKNOWN_PROCESS`. */
export async function showProcess(
  service: ServiceRuntime,
  process: string,
  key: string,
  options: ProcessShowOptions = {},
): Promise<ProcessHistory> {
  const name = await knownName(service, process)
  const { store } = service
  const kept = await readDocument<ProcessInstance>(store, systemTables.processes, instanceKey(name, key))
  if (kept === undefined) {
    throw unknownProcess(service, `Process ${name} of ${service.name} has no instance ${quoted(key)}.`, [name])
  }
  const instance = { ...kept.document, service: service.name }
  const end = Math.max(1, Math.min(options.before ?? instance.steps + 1, instance.steps + 1))
  const start = Math.max(1, end - boundedLimit(options.limit))
  const rows = await store.find({
    table: systemTables.processSteps,
    fromKey: stepKey(name, key, start),
    toKey: stepKey(name, key, end),
    limit: Math.max(1, end - start),
  })
  const steps = rows.map(({ json }) => JSON.parse(json) as ProcessStep)
  const declared = service.declaration.processes.find((manager) => manager.name === name)
  const budget = new ValueBudget()
  const state = await stateOf(store, declared, instance, budget)
  const facts = await factsOfSteps(store, declared, instance, steps, budget)
  const requested = steps.flatMap((step) => step.requested.map(({ effect, id }) => `effect/${effect}/${id}`))
  return {
    instance,
    ...state,
    steps: steps.map((step) => ({ ...step, facts: facts.get(step.number) ?? [] })),
    earlier: start > 1 ? start : undefined,
    timers: await timersOf(
      service,
      Object.keys(declared?.timers ?? {}).map((timer) => timerId(name, timer, key)),
      budget,
    ),
    effects: await effectsOf(service, requested, budget),
  }
}

/**
 * Lists the instances of several services, one page for each. Skips services without the given process; throws `UNKNOWN_PROCESS` if all
 * of them lack it.
 */
export async function listProcessesOf(
  services: readonly ServiceRuntime[],
  options: ProcessListOptions = {},
): Promise<readonly ProcessPage[]> {
  const pages: ProcessPage[] = []
  const refusals: TidingsError[] = []
  for (const service of services) {
    try {
      pages.push(await listProcesses(service, options))
    } catch (error) {
      if (!isTidingsError(error, 'UNKNOWN_PROCESS')) throw error
      refusals.push(error)
    }
  }
  const [first] = refusals
  if (first === undefined || pages.length > 0) return pages
  if (refusals.length === 1) throw first
  const known = new Set(refusals.flatMap(({ details }) => details.processes as readonly string[]))
  throw new TidingsError('UNKNOWN_PROCESS', `No service has a process ${quoted(options.process ?? '')}.`, {
    details: { processes: [...known].sort() },
  })
}

async function knownName(service: ServiceRuntime, name: string): Promise<string> {
  if (service.declaration.processes.some((manager) => manager.name === name)) return name
  const stored = await storedProcesses(service.store)
  if (stored.includes(name)) return name
  const known = [...new Set([...service.declaration.processes.map((manager) => manager.name), ...stored])].sort()
  throw unknownProcess(service, `Service ${service.name} has no process ${quoted(name)}.`, known)
}

function unknownProcess(service: ServiceRuntime, message: string, processes: readonly string[]): TidingsError {
  return new TidingsError('UNKNOWN_PROCESS', message, { details: { service: service.name, processes } })
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 120))
}
