// Process managers (also called sagas) coordinate work over time, with one instance for each key. Inputs are events and timers; `evolve`
// builds the state from the process's own facts; plain functions decide what follows from an input.
// Invariant: everything that follows from an input (facts, events, commands, timers, effects) is committed with it, or not at all.

import {
  checkSimpleName,
  type EventContract,
  type EventData,
  type EventMeta,
  type FactData,
  type TimerData,
  type TimerDefinition,
} from '../contracts/index.ts'
import { shownValue, TidingsError } from '../errors/index.ts'
import { checkRecord, checkRun, checkSubject, checkUses } from './check-uses.ts'
import type { HandlerContext, ServiceTypes } from './context.ts'
import {
  type DecidedFact,
  type Decider,
  type DeciderOf,
  defineDecider,
  type FactMeta,
  type Facts,
  type SnapshotOf,
} from './decider.ts'
import type { NamedHandler, ProcessDeclaration, ProcessInput, StartFrom } from './declarations.ts'
import type { Declared, NamedCommand, NamedEffect, NamedQuery, PublishedEvent } from './declared-use.ts'
import type { TableReaders } from './reading.ts'
import { subscriberOf } from './subscriber-option.ts'
import type { DueTimer, OwnTimers, Timers } from './timers.ts'

/** The parts of a process manager. */
export interface ProcessSpec<
  F extends Facts,
  State,
  T extends Timers,
  Published extends string = string,
  Executed extends string = string,
  LookedUp extends string = string,
  Requested extends string = string,
> {
  /** The events that its functions may publish. */
  readonly publishes?: readonly PublishedEvent<Published>[]
  /** The commands of its own service that its functions may execute. */
  readonly executes?: readonly NamedCommand<Executed>[]
  /** The queries of other services that its functions may look up. */
  readonly lookups?: readonly NamedQuery<LookedUp>[]
  /** The effects of its own service that its functions may request. */
  readonly requests?: readonly NamedEffect<Requested>[]
  /** All facts that an instance may record. Once stored, a fact stays in this list for ever, with its upcasters. */
  readonly facts: F
  /** The state of a new instance. */
  readonly initialState: () => State
  /**
   * The state after a fact. Pure: return a new state and do not change the old one. Default for a fact that is left out: the state does not change.
   */
  readonly evolve?: { readonly [Name in keyof F]?: (state: State, data: FactData<F[Name]>, meta: FactMeta) => State }
  /** Stores the state from time to time, as a decider does, so that instances with many facts load fast. Default: no snapshots. */
  readonly snapshot?: SnapshotOf<State>
  /** Its timers; each instance has its own. */
  readonly timers?: T
  /** The subscriber that receives its inputs. Default: its own, named like the process, so that a failing process blocks no other. */
  readonly subscriber?: string
  /** Where it starts. Default for a new subscriber: `beginning`; required if you add the process to a subscriber that has already run. */
  readonly from?: StartFrom
  /**
   * Requests effects only for events that were recorded at or after this moment; with `now`, only for events recorded since the process first ran.
   * Default: for all events.
   */
  readonly effectsFrom?: Date | 'now'
  /**
   * The name that it had before it was renamed. When the service starts, it takes over everything that is stored under that name: instances with their
   * histories, timers, parked events, and how far it has read. Keep it until the service has started once. Default: it was never renamed.
   */
  readonly was?: string
  /** One sentence for the map. */
  readonly description?: string
}

/** The types of a process manager. */
export interface ProcessTypes {
  readonly service: ServiceTypes
  readonly facts: Facts
  readonly state: unknown
  readonly timers: Timers
  readonly declares: Declared
}

/** The types of a process manager, from what it declares. */
export interface ProcessOf<F extends Facts, State, T extends Timers, O extends Declared, S extends ServiceTypes>
  extends ProcessTypes {
  readonly service: S
  readonly facts: F
  readonly state: State
  readonly timers: T
  readonly declares: O
}

/** The context of a process manager's functions. They read the service's tables; they write through commands. */
export interface ProcessContext<T extends ProcessTypes>
  extends Omit<HandlerContext<T['service'], T['declares']>, 'tables' | 'timers' | 'event'> {
  /** The key of the instance. */
  readonly key: string
  /** The state of the instance, after all of its facts. */
  readonly state: T['state']
  /** Creates facts: `facts.asked({ … })`. */
  readonly facts: Decider<DeciderOf<string, T['state'], Record<never, never>, T['facts']>>['make']
  /** The timers of this instance, by their names. */
  readonly timers: OwnTimers<T['timers']>
  /** The service's own tables, to read. */
  readonly tables: TableReaders<T['service']['tables']>
  /** Ends the instance and cancels its timers. After that, an event for its key is handled only if it starts an instance. */
  end(): void
}

/** The context for an event. */
export interface ProcessEventContext<T extends ProcessTypes> extends ProcessContext<T> {
  /** The event that is handled: id, key, type, source, times, who caused it. */
  readonly event: EventMeta
}

/** The context for a timer that came due. */
export interface ProcessTimerContext<T extends ProcessTypes> extends Omit<ProcessContext<T>, 'lookup'> {
  /** The timer that came due. */
  readonly timer: DueTimer
}

/** What a function of a process returns: facts, or nothing. */
export type ProcessDecision = DecidedFact | readonly DecidedFact[] | undefined | void

/** Returns the key of the instance that an event concerns, or `undefined` to ignore the event. */
export type InstanceKey<E extends EventContract> = (data: EventData<E>) => string | undefined

/** A function of a process manager that handles an event. */
export type ProcessRun<E extends EventContract, T extends ProcessTypes> = (
  data: EventData<E>,
  context: ProcessEventContext<T>,
) => ProcessDecision | Promise<ProcessDecision>

/** A function of a process manager that handles a timer. */
export type ProcessTimerRun<D extends TimerDefinition, T extends ProcessTypes> = (
  data: TimerData<D>,
  context: ProcessTimerContext<T>,
) => ProcessDecision | Promise<ProcessDecision>

/** A process manager under construction; each step returns a new one. Every step is a complete declaration for `with`. */
export type Process<T extends ProcessTypes> = ProcessDeclaration & {
  /** Types only; never set. */
  readonly '~types'?: T
  /**
   * Handles an event that may start an instance.
   * @param key - returns the key of the instance, or `undefined` to ignore the event.
   */
  starts<E extends EventContract>(event: E, key: InstanceKey<E>, decide: ProcessRun<E, T>): Process<T>
  /** Handles an event for a running instance; ignored if none is running for the key. */
  on<E extends EventContract>(event: E, key: InstanceKey<E>, decide: ProcessRun<E, T>): Process<T>
  /** Handles one of its timers when it comes due. */
  due<Name extends keyof T['timers'] & string>(timer: Name, decide: ProcessTimerRun<T['timers'][Name], T>): Process<T>
}

/** The context of a process for an event, `ContextOf<typeof welcoming>`, to type functions that you declare elsewhere. */
export type ContextOf<P extends { readonly '~types'?: ProcessTypes }> = ProcessEventContext<NonNullable<P['~types']>>

/** Starts the declaration of a process manager. Throws `INVALID_NAME` or `INVALID_CONTRACT`. */
export function startProcess<T extends ProcessTypes>(
  service: string,
  name: string,
  spec: ProcessSpec<Facts, unknown, Timers>,
): Process<T> {
  checkSimpleName('process', name)
  checkUses(`process ${name} of ${service}`, spec)
  if (spec.timers !== undefined) checkRecord(`\`timers\` of process ${name}`, spec.timers, 'timer', 'timer()')
  if (spec.was !== undefined) checkSimpleName('process', spec.was)
  const decider = defineDecider(name, {
    commands: {},
    facts: spec.facts,
    initialState: spec.initialState,
    decide: {},
    ...(spec.evolve === undefined ? {} : { evolve: spec.evolve as never }),
    ...(spec.snapshot === undefined ? {} : { snapshot: spec.snapshot }),
  })
  const declaration: Omit<ProcessDeclaration, 'inputs'> = {
    kind: 'process',
    service,
    name,
    decider,
    timers: spec.timers ?? {},
    publishes: spec.publishes ?? [],
    executes: spec.executes ?? [],
    lookups: spec.lookups ?? [],
    requests: spec.requests ?? [],
    subscriber: subscriberOf(`Process ${name} of ${service}`, spec, name),
    from: spec.from,
    was: spec.was,
    effectsFrom: spec.effectsFrom,
    description: spec.description,
  }
  for (const [timer, { every }] of Object.entries(declaration.timers)) {
    checkTimerName(`Process ${name}`, timer)
    if (every !== undefined)
      throw new TidingsError(
        'INVALID_CONTRACT',
        `Process ${name} declares timer ${timer} with a time at which it recurs; only a service can do that.`,
        { hint: 'Declare it as `timer()`, and set it with `timers.<name>.every(…)` when an instance starts.' },
      )
  }
  return chain(declaration, [])
}

function chain<T extends ProcessTypes>(
  declaration: Omit<ProcessDeclaration, 'inputs'>,
  inputs: readonly ProcessInput[],
): Process<T> {
  const add = (input: ProcessInput): Process<T> => {
    const same = inputs.some((other) => other.name === input.name)
    if (same) {
      throw new TidingsError('DUPLICATE_NAME', `Process ${declaration.name} handles ${input.name} twice.`)
    }
    return chain(declaration, [...inputs, input])
  }
  const onEvent =
    (starts: boolean) =>
    (event: EventContract, key: unknown, run: unknown): Process<T> => {
      const what = `process ${declaration.name} of ${declaration.service}`
      const written = `.${starts ? 'starts' : 'on'}(SomethingHappened, (data) => data.id, (data, context) => { … })`
      checkSubject(`An event of ${what}`, event, 'event', written)
      checkRun(`${what} that returns the key for ${event.name}`, key, written)
      checkRun(`${what} for ${event.name}`, run, written)
      return add({ on: 'event', name: event.name, event, starts, keyOf: key as never, run: run as never })
    }
  return {
    ...declaration,
    inputs,
    starts: onEvent(true) as Process<T>['starts'],
    on: onEvent(false) as Process<T>['on'],
    due: (timer, run) => {
      if (typeof timer !== 'string' || !Object.hasOwn(declaration.timers, timer)) {
        throw new TidingsError(
          'NOT_DECLARED',
          `Process ${declaration.name} handles timer ${shownValue(timer)}, but does not declare it.`,
        )
      }
      checkRun(`timer ${timer} of process ${declaration.name}`, run)
      return add({ on: 'timer', name: timer, timer, run: run as never })
    },
  }
}

/** The handlers of a process's events. The events are delivered as to any handler; then `input.run` decides in the instance. */
export function handlersOf(manager: ProcessDeclaration): NamedHandler[] {
  return manager.inputs.flatMap((input) => {
    if (input.on !== 'event') return []
    return [
      {
        kind: 'handler',
        service: manager.service,
        name: `${manager.name}.${input.name}`,
        event: input.event,
        when: 'published',
        subscriber: manager.subscriber,
        publishes: manager.publishes,
        lookups: manager.lookups,
        executes: manager.executes,
        requests: manager.requests,
        from: manager.from,
        was: manager.was === undefined ? undefined : `${manager.was}.${input.name}`,
        effectsFrom: manager.effectsFrom,
        description: manager.description,
        process: manager,
        input,
        run: input.run,
      },
    ]
  })
}

/** The old names of the subscribers that process managers have for themselves: they are renamed with their process. */
export function oldSubscribersOf(processes: readonly ProcessDeclaration[]): Readonly<Record<string, string>> {
  const own = processes.filter(({ name, subscriber, was }) => subscriber === name && was !== undefined)
  return Object.fromEntries(own.map(({ subscriber, was }) => [subscriber, was as string]))
}

/** Checks the name of a timer; throws `INVALID_NAME`. */
export function checkTimerName(owner: string, name: string): void {
  if (typeof name === 'string' && /^[a-z][A-Za-z0-9]{0,59}$/.test(name)) return
  throw new TidingsError('INVALID_NAME', `${owner} has a timer named ${shownValue(name)}, which is not a valid name.`, {
    hint: 'Use a lower-case letter followed by up to 59 letters and digits.',
  })
}
