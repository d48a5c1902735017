// Process managers (also called sagas): what has to happen over time, one instance for each key. Inputs are events and timers; `evolve`
// makes the state out of the process's own facts; what an input leads to (facts, publications, commands, timers, effects) is decided in
// plain functions and committed with the input, or not at all.

import {
  checkSimpleName,
  type EventContract,
  type EventData,
  type EventMeta,
  type FactData,
  type TimerData,
} from '../contracts/index.ts'
import { TidingsError } from '../errors/index.ts'
import type { Declared, HandlerContext, ServiceTypes, TableReaders } from './context.ts'
import { type DecidedFact, type Decider, defineDecider, type FactMeta, type Facts } from './decider.ts'
import type { NamedHandler, ProcessDeclaration, ProcessInput, StartFrom } from './declarations.ts'
import { subscriberOf } from './subscriber-option.ts'
import type { DueTimer, OwnTimers, Timers } from './timers.ts'

/** The parts of a process manager. */
export interface ProcessSpec<F extends Facts, State, T extends Timers> extends Declared {
  /** What can have happened in it. A fact, once stored, stays in this list for ever (with upcasters). */
  readonly facts: F
  /** The state of an instance before anything happened. */
  readonly initialState: () => State
  /** The state after a fact. Pure; give back a new state and leave the old one alone. */
  readonly evolve: { readonly [Name in keyof F]: (state: State, data: FactData<F[Name]>, meta: FactMeta) => State }
  /** Keeps the state of an instance every so many facts, as for a decider; for instances that live long. Default: none is kept. */
  readonly snapshot?: { readonly every: number; readonly version: number }
  /** Its timers: each instance has its own of each. */
  readonly timers?: T
  /** The subscriber its inputs come in. Default: one of its own, so that what one process cannot handle holds up no other. */
  readonly subscriber?: string
  /** Where it starts. Default for a new subscriber: `beginning`; a process added to a subscriber that is under way must say it. */
  readonly from?: StartFrom
  /** Effects are requested only for events that were recorded from this moment on; `now`: since the process first ran. Default: all. */
  readonly effectsFrom?: Date | 'now'
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

/** What a process manager's functions are given. Reads see the service's tables; writes go through commands. */
export interface ProcessContext<T extends ProcessTypes>
  extends Omit<HandlerContext<T['service'], T['declares']>, 'tables' | 'timers' | 'event'> {
  /** The instance. */
  readonly key: string
  readonly state: T['state']
  /** Makes facts: `facts.asked({ … })`. */
  readonly facts: Decider<{ commands: Record<never, never>; facts: T['facts']; state: T['state'] }>['make']
  readonly timers: OwnTimers<T['timers']>
  readonly tables: TableReaders<T['service']['tables']>
  /** Ends the instance: its timers are cancelled, and only what starts an instance is heard for its key from then on. */
  end(): void
}

/** What is given for an event. */
export interface ProcessEventContext<T extends ProcessTypes> extends ProcessContext<T> {
  readonly event: EventMeta
}

/** What is given for a timer that came due. */
export interface ProcessTimerContext<T extends ProcessTypes> extends Omit<ProcessContext<T>, 'lookup'> {
  readonly timer: DueTimer
}

/** What a function of a process gives back: its facts, or nothing. */
export type ProcessDecision = DecidedFact | readonly DecidedFact[] | undefined | void

/** A process manager being declared; each step gives a new one. It may be listed in `with` at any point. */
export interface Process<T extends ProcessTypes> extends ProcessDeclaration {
  /** Types only; never set. */
  readonly '~types'?: T
  /**
   * What an event leads to that may start an instance.
   *
   * @param key - the instance; `undefined` where the event is none of this process's business.
   */
  starts<E extends EventContract>(
    event: E,
    key: (data: EventData<E>) => string | undefined,
    decide: (data: EventData<E>, context: ProcessEventContext<T>) => ProcessDecision | Promise<ProcessDecision>,
  ): Process<T>
  /** What an event leads to in an instance that is running; passed over where none is. */
  on<E extends EventContract>(
    event: E,
    key: (data: EventData<E>) => string | undefined,
    decide: (data: EventData<E>, context: ProcessEventContext<T>) => ProcessDecision | Promise<ProcessDecision>,
  ): Process<T>
  /** What it leads to that one of its timers came due. */
  due<Name extends keyof T['timers'] & string>(
    timer: Name,
    decide: (
      data: TimerData<T['timers'][Name]>,
      context: ProcessTimerContext<T>,
    ) => ProcessDecision | Promise<ProcessDecision>,
  ): Process<T>
}

/** What the functions of a process are given for an event: `ContextOf<typeof welcoming>`, for functions that stand by themselves. */
export type ContextOf<P extends { readonly '~types'?: ProcessTypes }> = ProcessEventContext<NonNullable<P['~types']>>

/** Starts a process manager. Throws `INVALID_NAME` or `INVALID_CONTRACT`. */
export function startProcess<T extends ProcessTypes>(
  service: string,
  name: string,
  spec: ProcessSpec<Facts, unknown, Timers>,
): Process<T> {
  checkSimpleName('process', name)
  const decider = defineDecider(name, {
    commands: {},
    facts: spec.facts,
    initialState: spec.initialState,
    decide: {},
    evolve: spec.evolve as never,
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
    effectsFrom: spec.effectsFrom,
    description: spec.description,
  }
  for (const timer of Object.keys(declaration.timers)) checkTimerName(`Process ${name}`, timer)
  return chain(declaration, [])
}

function chain<T extends ProcessTypes>(
  declaration: Omit<ProcessDeclaration, 'inputs'>,
  inputs: readonly ProcessInput[],
): Process<T> {
  const add = (input: ProcessInput): Process<T> => {
    const same = inputs.some((other) => other.name === input.name)
    if (same) {
      throw new TidingsError('DUPLICATE_NAME', `Process ${declaration.name} hears ${input.name} twice.`)
    }
    return chain(declaration, [...inputs, input])
  }
  const onEvent =
    (starts: boolean) =>
    (event: EventContract, key: unknown, run: unknown): Process<T> =>
      add({ on: 'event', name: event.name, event, starts, keyOf: key as never, run: run as never })
  return {
    ...declaration,
    inputs,
    starts: onEvent(true) as Process<T>['starts'],
    on: onEvent(false) as Process<T>['on'],
    due: (timer, run) => {
      if (!Object.hasOwn(declaration.timers, timer)) {
        throw new TidingsError('NOT_DECLARED', `Process ${declaration.name} has no timer ${JSON.stringify(timer)}.`)
      }
      return add({ on: 'timer', name: timer, timer, run: run as never })
    },
  }
}

/** The events that a process hears come to it as to any handler; what is decided runs in the instance. */
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
        effectsFrom: manager.effectsFrom,
        description: manager.description,
        process: manager,
        input,
        run: input.run,
      },
    ]
  })
}

/** Checks the name of a timer; throws `INVALID_NAME`. */
export function checkTimerName(owner: string, name: string): void {
  if (/^[a-z][A-Za-z0-9]{0,59}$/.test(name)) return
  throw new TidingsError(
    'INVALID_NAME',
    `${owner} has a timer named ${JSON.stringify(name)}; a timer is a lower-case letter and up to 59 letters and digits.`,
  )
}
