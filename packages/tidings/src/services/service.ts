// Defines a service. `defineService` declares what it owns; `with` assembles its functions and checks that they fit together.

import { type CommandContract, checkSimpleName, type EventContract, type TableDefinition } from '../contracts/index.ts'
import { checkObject, shownValue, TidingsError } from '../errors/index.ts'
import { checkAnnounce, checkParts, checkProjectionOptions, checkServiceOptions } from './check-given.ts'
import { checkService } from './check-service.ts'
import { checkRun, checkSubject, checkUses } from './check-uses.ts'
import type { ServiceOf } from './context.ts'
import type {
  CommandDeclaration,
  DeciderDeclaration,
  Declaration,
  HandlerDeclaration,
  QueryDeclaration,
  Service,
  TimerDeclaration,
} from './declarations.ts'
import { declareEffect } from './effect-handler.ts'
import type { CommandHandlerOptions, HandlerOptions, TimerHandlerOptions } from './handler-options.ts'
import { completeLimits } from './limits.ts'
import { liveDeclaration } from './live.ts'
import { checkPartitions } from './partitions.ts'
import { checkTimerName, handlersOf, oldSubscribersOf, startProcess } from './process-manager.ts'
import { startProjection } from './projection.ts'
import type { ReplicaDefinition } from './replica.ts'
import type { ServiceDefinition, ServiceOptions, SubscriberOptions } from './service-definition.ts'
import { subscriberOf } from './subscriber-option.ts'
import type { Timers } from './timers.ts'
import { UnlistedFunctions } from './unlisted.ts'

/** Defines a service: what it owns and publishes. It registers and runs nothing. Throws `INVALID_NAME` or `INVALID_CONTRACT`. */
export function defineService<
  const Name extends string,
  const P extends readonly EventContract[] = readonly [],
  T extends Readonly<Record<string, TableDefinition>> = Record<never, never>,
  M extends Readonly<Record<string, TableDefinition>> = Record<never, never>,
  R extends Readonly<Record<string, ReplicaDefinition>> = Record<never, never>,
  D extends Timers = Record<never, never>,
>(
  name: Name,
  options: ServiceOptions<P, T, M, R, D> = {},
): ServiceDefinition<ServiceOf<Name, P[number]['name'], T, M, R, D>> {
  checkSimpleName('service', name)
  checkServiceOptions(name, options)
  checkOldName(name, options.was)
  const limits = completeLimits(name, options.limits)
  const idempotencyKeepDays = keepDaysOf(name, options.idempotencyKeepDays)
  for (const timer of Object.keys(options.timers ?? {})) checkTimerName(`Service ${name}`, timer)
  const functions = new UnlistedFunctions()
  const handler = (
    when: 'published' | 'retracted',
    event: EventContract,
    handlerOptions: HandlerOptions,
    run: unknown,
  ): HandlerDeclaration => {
    const what = when === 'published' ? 'handler' : 'handler of retractions'
    checkSubject(`The event of a ${what} of ${name}`, event, 'event', `${name}.on(SomethingHappened, …)`)
    checkUses(`the ${what} of ${event.name} in ${name}`, handlerOptions)
    checkRun(`the ${what} of ${event.name} in ${name}`, run)
    return functions.declared({
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
      was: handlerOptions.was,
      effectsFrom: handlerOptions.effectsFrom,
      description: handlerOptions.description,
      run: run as HandlerDeclaration['run'],
    })
  }
  return {
    name,
    on: (event: EventContract, ...rest: Rest<HandlerOptions>) =>
      handler('published', event, ...optionsOf(rest)) as never,
    onRetracted: (event: EventContract, ...rest: Rest<HandlerOptions>) =>
      handler('retracted', event, ...optionsOf(rest)) as never,
    command: (command: CommandContract, ...rest: Rest<CommandHandlerOptions>) => {
      const [commandOptions, run] = optionsOf(rest)
      checkSubject(`The command of a function of ${name}`, command, 'command', `${name}.command(DoSomething, …)`)
      checkUses(`command ${command.name} of ${name}`, commandOptions)
      checkRun(`command ${command.name} of ${name}`, run, '(input, context) => { … }')
      return functions.declared({
        kind: 'command-handler',
        service: name,
        command,
        publishes: commandOptions.publishes ?? [],
        executes: commandOptions.executes ?? [],
        requests: commandOptions.requests ?? [],
        run: run as CommandDeclaration['run'],
      }) as never
    },
    query: (query, run) => {
      checkSubject(`The query of a function of ${name}`, query, 'query', `${name}.query(Something, …)`)
      checkRun(`query ${query.name} of ${name}`, run, '(input, context) => { … }')
      const declaration = { kind: 'query-handler', service: name, query, run: run as QueryDeclaration['run'] } as const
      return functions.declared(declaration) as never
    },
    live: (live, liveOptions) => {
      const written = `${name}.live(Something, { of: 'table' })`
      checkSubject(`The live query of ${name}`, live, 'live-query', written)
      checkObject(liveOptions, { what: `The options of live query ${live.name}`, hint: `Write \`${written}\`.` })
      return functions.declared(liveDeclaration(name, live, liveOptions)) as never
    },
    decider: (decider, deciderOptions = {}) => {
      checkSubject(`The decider of ${name}`, decider, 'decider', `${name}.decider(order)`)
      checkUses(`decider ${decider.name} of ${name}`, deciderOptions)
      checkAnnounce(`\`announce\` of decider ${decider.name} of ${name}`, deciderOptions.announce)
      return functions.declared({
        kind: 'decider-handler',
        service: name,
        decider,
        publishes: deciderOptions.publishes ?? [],
        announce: (deciderOptions.announce ?? {}) as DeciderDeclaration['announce'],
      }) as never
    },
    projection: (projectionName, projectionOptions) => {
      checkProjectionOptions(name, projectionName, projectionOptions)
      return startProjection(
        name,
        checkSimpleName('projection', projectionName),
        projectionOptions.mode ?? 'async',
        projectionOptions.writes,
      )
    },
    due: (timer: string, ...rest: Rest<TimerHandlerOptions>): TimerDeclaration => {
      const [timerOptions, run] = optionsOf(rest)
      checkTimerName(`Service ${name}`, timer)
      checkUses(`timer ${timer} of ${name}`, timerOptions)
      checkRun(`timer ${timer} of ${name}`, run)
      return functions.declared({
        kind: 'timer-handler',
        service: name,
        timer,
        publishes: timerOptions.publishes ?? [],
        executes: timerOptions.executes ?? [],
        requests: timerOptions.requests ?? [],
        description: timerOptions.description,
        run: run as TimerDeclaration['run'],
      })
    },
    effect: (effect, effectOptions) => {
      checkSubject(`The effect of a function of ${name}`, effect, 'effect', `${name}.effect(SendMail, { perform })`)
      return functions.declared(declareEffect(name, effect, effectOptions as never)) as never
    },
    process: (processName, spec) => startProcess(name, processName, spec as never),
    with: (parts) => {
      checkParts(name, parts)
      const of = <K extends Declaration['kind']>(kind: K) =>
        Object.values(parts).filter((part): part is Extract<Declaration, { kind: K }> => part.kind === kind)
      const service: Service = {
        kind: 'service',
        name,
        was: options.was,
        description: options.description,
        publishes: options.publishes ?? [],
        tables: options.tables ?? {},
        readModels: options.readModels ?? {},
        replicas: options.replicas ?? {},
        timers: options.timers ?? {},
        oldSubscribers: { ...oldSubscribersOf(of('process')), ...declaredOldSubscribers(options.subscribers) },
        partitions: declaredPartitions(name, options.subscribers),
        limits,
        idempotencyKeepDays,
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
        unlisted: () => functions.words(),
      }
      for (const part of Object.values(parts)) {
        if (part.service !== name) {
          throw new TidingsError(
            'INVALID_CONTRACT',
            `Service ${name} lists a ${part.kind} that was declared by service ${part.service}.`,
          )
        }
      }
      functions.listed(Object.values(parts))
      checkService(service)
      return service as never
    },
  }
}

function checkOldName(name: string, was: string | undefined): void {
  if (was === undefined || checkSimpleName('service', was) !== name) return
  throw new TidingsError('INVALID_CONTRACT', `Service ${name} says that it was ${was}, which is its name now.`)
}

type Subscribers = Readonly<Record<string, SubscriberOptions>>

function declaredOldSubscribers(subscribers: Subscribers = {}) {
  const renamed = Object.entries(subscribers)
  return Object.fromEntries(
    renamed.flatMap(([name, { was }]) => (was === undefined ? [] : [[name, checkSimpleName('subscriber', was)]])),
  )
}

function declaredPartitions(service: string, subscribers: Subscribers = {}) {
  const divided = Object.entries(subscribers)
  return Object.fromEntries(
    divided.flatMap(([name, { partitions }]) =>
      partitions === undefined ? [] : [[name, checkPartitions(service, name, partitions)]],
    ),
  )
}

function keepDaysOf(service: string, days: number | undefined): number | undefined {
  if (days === undefined || (Number.isSafeInteger(days) && days >= 1)) return days
  throw new TidingsError(
    'INVALID_CONTRACT',
    `Service ${service} sets idempotencyKeepDays to ${shownValue(days)}; it must be a whole number of at least 1.`,
  )
}

type Rest<Options> = readonly [options: Options, run: unknown] | readonly [run: unknown]

/** The options and the function; options that are left out are empty. */
function optionsOf<Options extends object>(rest: Rest<Options>): readonly [options: Options, run: unknown] {
  return rest.length === 2 ? rest : [{} as Options, rest[0]]
}

function kebab(name: string): string {
  return checkSimpleName(
    'handler',
    name.replace(/[A-Z]+/g, (capitals, at: number) => `${at === 0 ? '' : '-'}${capitals.toLowerCase()}`),
  )
}
