// Defining a service: what it owns, hears and says. `defineService` gives the words; `with` puts the parts together and checks them.

import {
  type CommandContract,
  checkSimpleName,
  type EffectContract,
  type EventContract,
  type EventData,
  type EventInput,
  type FactData,
  type LiveQueryContract,
  type QueryContract,
  type QueryData,
  type QueryOutput,
  type TableDefinition,
  type TimerData,
} from '../contracts/index.ts'
import { TidingsError } from '../errors/index.ts'
import { checkService } from './check-service.ts'
import type { CommandRun, Declared, HandlerContext, QueryContext, ServiceTypes, TimerContext } from './context.ts'
import type { Decider, FactMeta, Facts, FactsOf, StateOf } from './decider.ts'
import type {
  Announcement,
  CommandDeclaration,
  DeciderDeclaration,
  Declaration,
  EffectDeclaration,
  HandlerDeclaration,
  LiveDeclaration,
  QueryDeclaration,
  Service,
  StartFrom,
  TimerDeclaration,
} from './declarations.ts'
import { declareEffect, type EffectHandlerOptions } from './effect-handler.ts'
import { completeLimits, type Limits } from './limits.ts'
import { type LiveOptionsFor, type LiveSource, liveDeclaration } from './live.ts'
import { checkTimerName, handlersOf, type Process, type ProcessSpec, startProcess } from './process.ts'
import { type Projection, startProjection } from './projection.ts'
import type { ReplicaDefinition } from './replica.ts'
import { subscriberOf } from './subscriber-option.ts'
import type { Timers } from './timers.ts'

/** What a service declares about itself. */
export interface ServiceOptions<
  P extends readonly EventContract[],
  T extends Readonly<Record<string, TableDefinition>>,
  M extends Readonly<Record<string, TableDefinition>>,
  R extends Readonly<Record<string, ReplicaDefinition>>,
  D extends Timers,
> {
  /** One sentence for the map and the catalogue. */
  readonly description?: string
  /** The contracts it owns and publishes. */
  readonly publishes?: P
  /** Its tables, written by commands and handlers. */
  readonly tables?: T
  /** Its read models, each written by one projection. */
  readonly readModels?: M
  /** Its local copies of other services' state. */
  readonly replicas?: R
  /** Its timers. */
  readonly timers?: D
  /** Limits that differ from the defaults. */
  readonly limits?: Partial<Limits>
}

/** Options of a command's handler. */
export interface CommandHandlerOptions<P extends EventContract = EventContract> {
  /** What it publishes; it can publish nothing else. */
  readonly publishes?: readonly P[]
  /** Commands of its own service that it executes within its unit of work; it can execute nothing else. */
  readonly executes?: readonly CommandContract[]
  /** Effects of its own service that it requests; it can request nothing else. */
  readonly requests?: readonly EffectContract[]
}

/** Options of a timer's handler. */
export interface TimerHandlerOptions<P extends EventContract = EventContract> extends CommandHandlerOptions<P> {
  /** One sentence for the map. */
  readonly description?: string
}

/** Options of an event's handler. */
export interface HandlerOptions<P extends EventContract = EventContract> extends CommandHandlerOptions<P> {
  /** The queries of other services it looks up: each is a synchronous dependency, drawn on the map. */
  readonly lookups?: readonly QueryContract[]
  /** The subscriber it belongs to. Default: the service's one subscriber, so that two types of one key keep their order. */
  readonly subscriber?: string
  /** Where it starts. Default for a new subscriber: `beginning`; a handler added to a subscriber that is under way must say it. */
  readonly from?: StartFrom
  /** Effects are requested only for events that were recorded from this moment on; `now`: since it first ran. Default: all. */
  readonly effectsFrom?: Date | 'now'
  /** One sentence for the map. */
  readonly description?: string
}

/** What a decider's streams say to others: a pure mapping of (fact, state after it). */
export interface DeciderOptions<D extends Decider, P extends EventContract> {
  /** What the mapping publishes. */
  readonly publishes?: readonly P[]
  /** For each fact, the events it becomes for others; facts that are not named stay private. */
  readonly announce?: {
    readonly [Name in keyof FactsOf<D>]?: (
      data: FactData<FactsOf<D>[Name]>,
      state: StateOf<D>,
      tools: {
        readonly event: <E extends P>(contract: E, data: EventInput<E>) => Announcement
        readonly meta: FactMeta
      },
    ) => Announcement | readonly Announcement[] | undefined
  }
}

/** The words in which a service's parts are written. */
export interface ServiceDefinition<S extends ServiceTypes> {
  readonly name: string
  /** Reacts to an event. */
  on<E extends EventContract, const O extends HandlerOptions<S['publishes']>>(
    event: E,
    options: O,
    run: (data: EventData<E>, context: HandlerContext<S, O>) => void | Promise<void>,
  ): HandlerDeclaration<E>
  /** Reacts to the end of an entity (state transfer). */
  onRetracted<E extends EventContract, const O extends HandlerOptions<S['publishes']>>(
    event: E,
    options: O,
    run: (key: string, context: HandlerContext<S, O>) => void | Promise<void>,
  ): HandlerDeclaration<E>
  /** Carries out a command that is not a decider's. */
  command<C extends CommandContract, const O extends CommandHandlerOptions<S['publishes']>>(
    command: C,
    options: O,
    run: CommandRun<C, S, O>,
  ): CommandDeclaration<C>
  /** Answers a query; `undefined` says that what was asked for is gone (or never was). */
  query<Q extends QueryContract>(
    query: Q,
    run: (
      input: QueryData<Q>,
      context: QueryContext<S>,
    ) => QueryOutput<Q> | undefined | Promise<QueryOutput<Q> | undefined>,
  ): QueryDeclaration<Q>
  /** Shows rows of a table, read model or replica, and tells readers of every change; throws `INVALID_CONTRACT`. */
  live<L extends LiveQueryContract, const Name extends LiveSource<S>>(
    live: L,
    options: { readonly of: Name } & LiveOptionsFor<S, L, Name>,
  ): LiveDeclaration<L>
  /** Keeps a decider's streams and carries out its commands. */
  decider<D extends Decider, P extends S['publishes'] = never>(
    decider: D,
    options?: DeciderOptions<D, P>,
  ): DeciderDeclaration<D>
  /** Declares a projection; go on with `.on` and `.onFact`. */
  projection<Name extends keyof S['readModels'] & string>(
    name: string,
    options: {
      /** The read models it writes. */
      readonly writes: readonly Name[]
      /** `inline`: with the append itself; `async` (default): behind it. */
      readonly mode?: 'inline' | 'async'
    },
  ): Projection<Pick<S['readModels'], Name>>
  /** Runs when one of the service's timers comes due. */
  due<Name extends keyof S['timers'] & string, const O extends TimerHandlerOptions<S['publishes']>>(
    timer: Name,
    options: O,
    run: (data: TimerData<S['timers'][Name]>, context: TimerContext<S, O>) => void | Promise<void>,
  ): TimerDeclaration
  /** Performs an effect after the unit of work that requested it was committed. */
  effect<
    E extends EffectContract,
    const P extends readonly S['publishes'][] = readonly [],
    const C extends readonly CommandContract[] = readonly [],
    const R extends readonly EffectContract[] = readonly [],
  >(effect: E, options: EffectHandlerOptions<S, E, { publishes: P; executes: C; requests: R }>): EffectDeclaration<E>
  /** Declares a process manager; go on with `.starts`, `.on` and `.due`. */
  process<const F extends Facts, State, T extends Timers = Record<never, never>, const O extends Declared = Declared>(
    name: string,
    spec: ProcessSpec<F, State, T> & O,
  ): Process<{ service: S; facts: F; state: State; timers: T; declares: O }>
  /**
   * Puts the service together: `shipping.with({ dispatchParcel, … })`. A handler's name is the name it is listed under.
   *
   * Throws `INVALID_CONTRACT`, `DUPLICATE_NAME`, `NOT_OWNED` or `NOT_DECLARED` where the parts do not fit.
   */
  with<const Parts extends Readonly<Record<string, Declaration>>>(
    parts: Parts,
  ): Service<{ definition: S; parts: Parts }>
}

/** Defines a service: what it owns, hears and says. Inert. */
export function defineService<
  const P extends readonly EventContract[] = readonly [],
  T extends Readonly<Record<string, TableDefinition>> = Record<never, never>,
  M extends Readonly<Record<string, TableDefinition>> = Record<never, never>,
  R extends Readonly<Record<string, ReplicaDefinition>> = Record<never, never>,
  D extends Timers = Record<never, never>,
>(
  name: string,
  options: ServiceOptions<P, T, M, R, D> = {},
): ServiceDefinition<{ publishes: P[number]; tables: T; readModels: M; replicas: R; timers: D }> {
  checkSimpleName('service', name)
  const limits = completeLimits(name, options.limits)
  for (const timer of Object.keys(options.timers ?? {})) checkTimerName(`Service ${name}`, timer)
  const handler = (
    when: 'published' | 'retracted',
    event: EventContract,
    handlerOptions: HandlerOptions,
    run: unknown,
  ): HandlerDeclaration => ({
    kind: 'handler',
    service: name,
    event,
    when,
    subscriber: subscriberOf(`A handler of ${event.name} in ${name}`, handlerOptions, 'main'),
    publishes: handlerOptions.publishes ?? [],
    lookups: handlerOptions.lookups ?? [],
    executes: handlerOptions.executes ?? [],
    requests: handlerOptions.requests ?? [],
    from: handlerOptions.from,
    effectsFrom: handlerOptions.effectsFrom,
    description: handlerOptions.description,
    run: run as HandlerDeclaration['run'],
  })
  return {
    name,
    on: (event, handlerOptions, run) => handler('published', event, handlerOptions, run) as never,
    onRetracted: (event, handlerOptions, run) => handler('retracted', event, handlerOptions, run) as never,
    command: (command, commandOptions, run) => ({
      kind: 'command-handler',
      service: name,
      command,
      publishes: commandOptions.publishes ?? [],
      executes: commandOptions.executes ?? [],
      requests: commandOptions.requests ?? [],
      run: run as CommandDeclaration['run'],
    }),
    query: (query, run) => ({ kind: 'query-handler', service: name, query, run: run as QueryDeclaration['run'] }),
    live: (live, liveOptions) => liveDeclaration(name, live, liveOptions) as never,
    decider: (decider, deciderOptions = {}) => ({
      kind: 'decider-handler',
      service: name,
      decider,
      publishes: deciderOptions.publishes ?? [],
      announce: (deciderOptions.announce ?? {}) as DeciderDeclaration['announce'],
    }),
    projection: (projectionName, projectionOptions) =>
      startProjection(
        name,
        checkSimpleName('projection', projectionName),
        projectionOptions.mode ?? 'async',
        projectionOptions.writes,
      ),
    due: (timer, timerOptions, run) => ({
      kind: 'timer-handler',
      service: name,
      timer,
      publishes: timerOptions.publishes ?? [],
      executes: timerOptions.executes ?? [],
      requests: timerOptions.requests ?? [],
      description: timerOptions.description,
      run: run as TimerDeclaration['run'],
    }),
    effect: (effect, effectOptions) => declareEffect(name, effect, effectOptions as never) as never,
    process: (processName, spec) => startProcess(name, processName, spec as never),
    with: (parts) => {
      const of = <K extends Declaration['kind']>(kind: K) =>
        Object.values(parts).filter((part): part is Extract<Declaration, { kind: K }> => part.kind === kind)
      const service: Service = {
        kind: 'service',
        name,
        description: options.description,
        publishes: options.publishes ?? [],
        tables: options.tables ?? {},
        readModels: options.readModels ?? {},
        replicas: options.replicas ?? {},
        timers: options.timers ?? {},
        limits,
        handlers: [
          ...Object.entries(parts).flatMap(([partName, part]) =>
            part.kind === 'handler' ? [{ ...part, name: kebab(partName) }] : [],
          ),
          ...of('process').flatMap(handlersOf),
        ],
        commands: of('command-handler'),
        queries: of('query-handler'),
        liveQueries: of('live-query-handler'),
        deciders: of('decider-handler'),
        projections: of('projection'),
        timerHandlers: of('timer-handler'),
        effects: of('effect-handler'),
        processes: of('process'),
      }
      for (const part of Object.values(parts)) {
        if (part.service !== name) {
          throw new TidingsError(
            'INVALID_CONTRACT',
            `Service ${name} lists a ${part.kind} that was declared by service ${part.service}.`,
          )
        }
      }
      checkService(service)
      return service as never
    },
  }
}

function kebab(name: string): string {
  return checkSimpleName(
    'handler',
    name.replace(/[A-Z]+/g, (capitals, at: number) => `${at === 0 ? '' : '-'}${capitals.toLowerCase()}`),
  )
}
