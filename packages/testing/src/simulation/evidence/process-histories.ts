// What the histories of process managers tell: which events have taken effect in which instance, and what became of its timers.

import type { LoggedEvent, Service } from 'tidings'
import { listProcesses, type ProcessInstance, type ProcessStep, showProcess } from 'tidings/operations'
import type { ServiceRuntime } from 'tidings/runtime'
import type { Witness } from '../instrumentation/record-executions.ts'

/** An instance of a process manager and all its steps, oldest first. */
export interface SeenInstance extends Omit<ProcessInstance, 'steps'> {
  readonly steps: readonly ProcessStep[]
}

/** Every instance of a service's process managers, as `tidings process show` has them. */
export async function readInstances(runtime: ServiceRuntime): Promise<readonly SeenInstance[]> {
  const instances: SeenInstance[] = []
  for (let after: string | undefined; ; ) {
    const page = await listProcesses(runtime, { limit: 1_000, ...(after === undefined ? {} : { after }) })
    for (const instance of page.instances) instances.push({ ...instance, steps: await readSteps(runtime, instance) })
    after = page.next
    if (after === undefined) return instances
  }
}

async function readSteps(
  runtime: ServiceRuntime,
  { process: name, key }: ProcessInstance,
): Promise<readonly ProcessStep[]> {
  const steps: ProcessStep[] = []
  for (let before: number | undefined; ; ) {
    const page = await showProcess(runtime, name, key, { limit: 1_000, ...(before === undefined ? {} : { before }) })
    steps.unshift(...page.steps.map((step) => ({ ...step, facts: step.facts.map(({ type }) => type) })))
    before = page.earlier
    if (before === undefined) return steps
  }
}

/** The steps of process managers as witnesses of their inputs. */
export function witnessesOf(
  service: Service,
  instances: readonly SeenInstance[],
  eventsById: ReadonlyMap<string, LoggedEvent>,
): readonly Witness[] {
  return instances.flatMap(({ process: name, key, steps }) => {
    const lane = service.processes.find((manager) => manager.name === name)?.lane ?? ''
    return steps.map(({ number, input, correlationId, published, requested }): Witness => {
      const event = input.kind === 'event' ? eventsById.get(input.id ?? '') : undefined
      return {
        run: `${name}/${key}/${number}`,
        revision: 0,
        ...(input.kind === 'event'
          ? { kind: 'process', name, about: input.id ?? '' }
          : { kind: 'timer', name: `${name}.${input.name}`, about: correlationId }),
        lane,
        source: event?.source ?? '',
        key: event?.key ?? key,
        instance: key,
        ...(event === undefined ? {} : { position: event.position }),
        conversation: correlationId,
        published: published.length,
        requested: requested.map(({ id }) => id),
        timers: [],
      }
    })
  })
}
