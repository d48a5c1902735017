// Each handler, command, timer and outcome of an effect records its execution in its own unit of work, in a table of its service's store. Users
// could add such a table themselves, so checkers read what users would see of their own rows.
// Invariant: a run that is not committed leaves no row, and one that is committed twice leaves two.

import {
  type CommandDeclaration,
  defineTable,
  type EffectDeclaration,
  type EventMeta,
  type NamedHandler,
  type Service,
  type TimerDeclaration,
} from 'tidings'
import type { Store } from 'tidings/ports'
import type { RunLifetime } from '../../world/run-lifetime.ts'
import type { PortCall } from '../system/port-call.ts'
import type { SimulatedSystem } from '../system/simulated-system.ts'
import { anySchema } from './any-schema.ts'
import { observeProcess } from './observe-process.ts'
import { countingContext, countOperations, type Operations, type TimerOperation } from './operations.ts'

/** The table of executions, in each simulated service. */
export const executionsTable = 'simulation-executions'
const property = 'simulationExecutions'

/** The record that a function took effect. */
export interface ExecutionRecord extends Operations {
  readonly run: string
  /** The revision of its commit; 0 if it is derived from a process history. */
  readonly revision: number
  /** What ran; `process` and its timers are derived from the process history. */
  readonly kind: 'handler' | 'command' | 'timer' | 'effect' | 'process'
  /** The function's name; `<process>.<timer>` for a process manager's timer. */
  readonly name: string
  /** The subscriber of a handler or process manager. */
  readonly subscriber: string
  /** The source of an event. */
  readonly source: string
  /** The key of the event, timer or effect. */
  readonly key: string
  /** The instance of a process manager, and the position of the event that it handled. */
  readonly instance?: string
  readonly position?: string
  /** The event's id, an effect's idempotency key, or otherwise the conversation. */
  readonly about: string
}

type StoredExecution = Omit<ExecutionRecord, 'revision'>
type About = Omit<StoredExecution, keyof Operations | 'run'>

const definition = defineTable(executionsTable)
  .version(1, anySchema<StoredExecution>())
  .key(({ run }) => run)

interface WorkContext {
  readonly tables: Readonly<Record<string, { put(row: unknown): void }>>
  readonly correlationId: string
  readonly event?: EventMeta
  readonly timer?: { readonly key: string }
  readonly idempotencyKey?: string
}

type Run = (data: unknown, context: unknown) => unknown

/** A service whose functions record their executions and go through the active faults. */
export function recordExecutions(system: SimulatedSystem, service: Service, lifetime: RunLifetime): Service {
  const processes = new Map(
    service.processes.map((manager) => {
      const around = (name: string, key: string, run: () => unknown) => through(system, lifetime, name, key, run)
      return [manager.name, observeProcess(system.processRuns, manager, around)] as const
    }),
  )
  return {
    ...service,
    tables: { ...service.tables, [property]: definition },
    handlers: service.handlers.map((handler) => {
      const manager = processes.get(handler.process?.name ?? '')
      if (manager === undefined) return ofHandler(system, handler, lifetime)
      const input = manager.inputs.find(({ on, name }) => on === 'event' && name === handler.input?.name)
      return { ...handler, process: manager, ...(input?.on === 'event' ? { input } : {}) }
    }),
    commands: service.commands.map((command) => ofCommand(system, command, lifetime)),
    timerHandlers: service.timerHandlers.map((timer) => ofTimer(system, timer, lifetime)),
    effects: service.effects.map((effect) => ofEffect(system, effect, lifetime)),
    processes: [...processes.values()],
  }
}

function ofHandler(system: SimulatedSystem, handler: NamedHandler, lifetime: RunLifetime): NamedHandler {
  return {
    ...handler,
    run: (data, given) => {
      const context = given as WorkContext
      const { event } = context
      if (event === undefined) return handler.run(data, given)
      system.counts.handled++
      const { name, subscriber } = handler
      const about = {
        kind: 'handler',
        name,
        subscriber,
        source: event.source,
        key: event.key,
        about: event.id,
      } as const
      return through(system, lifetime, name, event.key, () => record(system, context, about, data, handler.run))
    },
  }
}

function ofCommand(
  system: SimulatedSystem,
  declaration: CommandDeclaration,
  lifetime: RunLifetime,
): CommandDeclaration {
  const { name } = declaration.command
  return {
    ...declaration,
    run: (data, given) => {
      const context = given as WorkContext
      const about = { ...nowhere, kind: 'command', name, about: context.correlationId } as const
      const run = () => record(system, context, about, data, declaration.run)
      return through(system, lifetime, name, declaration.command.keyOf(data), run)
    },
  }
}

function ofTimer(system: SimulatedSystem, declaration: TimerDeclaration, lifetime: RunLifetime): TimerDeclaration {
  const { timer: name } = declaration
  return {
    ...declaration,
    run: (data, given) => {
      const context = given as WorkContext
      const key = context.timer?.key ?? ''
      const about = { ...nowhere, kind: 'timer', name, key, about: context.correlationId } as const
      const fired: TimerOperation = { order: system.counts.operations++, timer: name, key, operation: 'fired' }
      const run = () => record(system, context, about, data, declaration.run, [fired])
      return through(system, lifetime, name, key, run)
    },
  }
}

function ofEffect(system: SimulatedSystem, declaration: EffectDeclaration, lifetime: RunLifetime): EffectDeclaration {
  const { effect, outcome: leadsTo = () => undefined } = declaration
  const { name } = effect
  return {
    ...declaration,
    outcome: (outcome, given) => {
      const context = given as WorkContext & { readonly input: unknown }
      const key = effect.keyOf(context.input)
      const about = { ...nowhere, kind: 'effect', name, key, about: context.idempotencyKey ?? '' } as const
      return through(system, lifetime, name, key, () => record(system, context, about, outcome, leadsTo))
    },
  }
}

const nowhere = { subscriber: '', source: '', key: '' } as const

// A synchronous function stays synchronous: the runtime runs asynchronous ones differently.
function record(
  system: SimulatedSystem,
  context: WorkContext,
  about: About,
  data: unknown,
  run: Run,
  timers: readonly TimerOperation[] = [],
): unknown {
  const { counts } = system
  const operations = countOperations(context.correlationId, timers)
  const putRecord = () => {
    counts.runs++
    const isRecorded =
      about.kind !== 'command' || operations.published + operations.requested.length + operations.timers.length > 0
    if (isRecorded) {
      const execution: StoredExecution = { ...about, ...operations, run: String(counts.runs).padStart(9, '0') }
      context.tables[property]?.put(execution)
    }
  }
  const answer = run(data, countingContext(context, operations, counts))
  if (answer instanceof Promise)
    return answer.then((value: unknown) => {
      putRecord()
      return value
    })
  putRecord()
  return answer
}

function through(
  system: SimulatedSystem,
  lifetime: RunLifetime,
  name: string,
  key: string,
  run: () => unknown,
): unknown {
  if (system.interceptors.size === 0) return run()
  const portCall: PortCall = {
    service: lifetime.service,
    lifetime,
    call: 'handler',
    before: ['handler'],
    after: ['handler'],
    name,
    key,
  }
  return system.call(portCall, run)
}

/** The executions recorded in a store, in the order of their commits. */
export async function readExecutions(store: Store): Promise<readonly ExecutionRecord[]> {
  const executions: ExecutionRecord[] = []
  for (let after: string | undefined; ; ) {
    const page = await store.find({
      table: executionsTable,
      limit: 1_000,
      ...(after === undefined ? {} : { after: { key: after } }),
    })
    for (const { json, revision } of page) executions.push({ ...(JSON.parse(json) as StoredExecution), revision })
    after = page.at(-1)?.key
    if (page.length < 1_000) break
  }
  return executions.sort((a, b) => a.revision - b.revision || (a.run < b.run ? -1 : 1))
}
