// Creates a session: a world from the seed, an engine from the driver, a run for each service.

import {
  type EffectContract,
  type EventContract,
  isTidingsError,
  type LoggedEvent,
  type Service,
  TidingsError,
} from 'tidings'
import { durationMs } from 'tidings/contracts'
import { checkFunction, checkKind, checkList, checkObject, type Says } from 'tidings/errors'
import { memoryDriver } from 'tidings/memory'
import { deferredEvents, deliveriesOf, instanceValue, redrive, timerValues } from 'tidings/operations'
import type { Engine } from 'tidings/ports'
import { answerLater } from '../world/answer-later.ts'
import { createManualWorld, type ManualWorld } from '../world/manual-world.ts'
import { passTime } from '../world/pass-time.ts'
import { publishedEvent, readWholeLog } from '../world/read-log.ts'
import { ServiceRuns } from '../world/service-run.ts'
import { untilSettled } from '../world/until-settled.ts'
import { OutsidePublishers } from './outside-publishers.ts'
import { chooseSeed, defaultSeed, nameSeed, newSeed } from './seed.ts'
import type { ServiceName, Session, SessionCommandAnswer, SessionOptions } from './session.ts'
import { type GivenEffects, StandInEffects } from './stand-in-effects.ts'

const defaultPollMs = 600_000

/**
 * Creates a session and starts its services; without a seed, every run is the same. Throws what starting a service throws.
 */
export async function createSession<const E extends readonly EffectContract[] = readonly []>(
  options: SessionOptions<E>,
): Promise<Session> {
  checkSessionOptions(options)
  const seed = chooseSeed(options.seed, () => defaultSeed)
  const world = createManualWorld(seed, options.start, options.interleaved ?? true)
  const fresh = await options.engine?.open()
  const opened = await (fresh?.driver ?? options.driver ?? memoryDriver()).open(world.environment)
  const engine = options.engine?.answersLater === true ? answerLater(opened, world.late) : opened
  const remove = async () => fresh?.remove?.()
  const given = options.effects as GivenEffects<readonly EffectContract[]> | undefined
  const effects = new StandInEffects(given, (work) => world.outside(work))
  const { lookups, pollMs = defaultPollMs } = options
  const runs = new ServiceRuns({ ...world, environment: { ...world.environment, effects } }, engine, {
    lookups,
    pollMs,
  })
  const lookAgainMs = pollMs + 500
  const session = sessionOver({ seed, world, engine, runs, effects, lookAgainMs, remove, known: new Map() })
  try {
    for (const service of options.services) await session.start(service)
  } catch (error) {
    await session.close()
    throw nameSeed(error, seed)
  }
  return session
}

/**
 * Runs a test's body in a session and closes it. Without a seed, each run gets a new one; an error of the body names the seed that replays
 * the run.
 *
 * @example
 * ```ts
 * test('…', () => inSession({ services: [orders, shipping] }, async (session) => { … }))
 * ```
 */
export async function inSession<T, const E extends readonly EffectContract[] = readonly []>(
  options: SessionOptions<E>,
  body: (session: Session) => Promise<T>,
): Promise<T> {
  checkSessionOptions(options)
  checkFunction(body, {
    what: 'The body of a session',
    hint: 'Write `inSession({ services }, async (session) => { … })`.',
  })
  const session = await createSession({ ...options, seed: chooseSeed(options.seed, newSeed) })
  try {
    return await body(session)
  } catch (error) {
    throw nameSeed(error, session.seed)
  } finally {
    await session.close()
  }
}

interface Parts {
  readonly seed: number
  readonly world: ManualWorld
  readonly engine: Engine
  readonly runs: ServiceRuns
  readonly effects: StandInEffects
  readonly lookAgainMs: number
  /** Removes what the engine has kept. */
  readonly remove: () => Promise<void>
  /** The code each service was last started with. */
  readonly known: Map<string, Service>
}

function sessionOver({ seed, world, engine, runs, effects, lookAgainMs, remove, known }: Parts): Session {
  const outside = new OutsidePublishers(runs, world)
  const runtimes = () => [...runs.running.values()].map(({ runtime }) => runtime)
  const runOf = (service: ServiceName) => runs.of(nameOf(service))
  const codeOf = (service: ServiceName | Service): Service => {
    if (isService(service)) return service
    const code = known.get(nameOf(service))
    if (code !== undefined) return code
    throw new TidingsError('UNKNOWN_SERVICE', `Service ${nameOf(service)} was never started in this session.`)
  }
  const start = async (service: ServiceName | Service) => {
    const code = codeOf(service)
    await outside.giveWay(code.name)
    await runs.start(code)
    known.set(code.name, code)
  }
  const logOf = (contract: EventContract): Promise<readonly LoggedEvent[]> => {
    const owner = runs.running.get(contract.owner)
    const read: Parameters<typeof readWholeLog>[0] =
      owner === undefined
        ? (request) => engine.broker.read(contract.owner, request)
        : (request) => owner.store.readEventLog(request)
    return readWholeLog(read, [contract.name])
  }
  const settle = async (withinMs: number, enough: () => boolean) => {
    let busy = 'it was not looked at yet'
    const busyWith = (why: string) => {
      busy = why
    }
    const work = untilSettled(() => [...runs.running.values()], world.environment.timeouts, busyWith, enough)
    try {
      await world.drive(work, withinMs)
      effects.expectAllGiven()
    } catch (error) {
      if (!isTidingsError(error, 'TIMED_OUT')) throw error
      throw nameSeed(new TidingsError('TIMED_OUT', `The session has not settled: ${busy}.`, { cause: error }), seed)
    }
  }
  let closed: Promise<void> | undefined
  const close = () => {
    closed ??= world.drive(runs.close().then(() => world.outside(engine.close().then(remove))))
    return closed
  }
  return {
    seed,
    trace: world.trace,
    log: world.log,
    now: () => new Date(world.environment.clock.now()),
    command: (service, command, input, commandOptions) => {
      checkKind(command, 'command', saysOf('command', 'session.command(orders, PlaceOrder, { … })'))
      const { lifetime, runtime } = runOf(service)
      const answer = lifetime.unlessKilled(runtime.command(command.name, input, commandOptions))
      return world.drive(answer as Promise<SessionCommandAnswer<typeof command>>)
    },
    query: (query, input, queryOptions) => {
      checkKind(query, 'query', saysOf('query', 'session.query(OrderTotal, { … })'))
      const { lifetime, runtime } = runs.of(query.owner)
      return world.drive(lifetime.unlessKilled(runtime.query(query.name, input, queryOptions)))
    },
    publish: (contract: EventContract, data: unknown, details: object = {}) => {
      checkKind(contract, 'event', saysOf('event', 'session.publish(OrderPlaced, { … })'))
      return world.drive(outside.publish(contract, data, details))
    },
    settled: ({ within = { hours: 1 }, or = () => false } = {}) => settle(durationMs(within), or),
    advance: (by) => passTime({ world, runs: () => [...runs.running.values()], lookAgainMs }, durationMs(by)),
    published: async (contract) => (await world.drive(logOf(contract))).map((event) => publishedEvent(contract, event)),
    delivered: (contract) =>
      world.drive(
        (async () => {
          const events = new Map((await logOf(contract)).map((event) => [event.id, event]))
          const accounts = await Promise.all(
            [...runs.running.values()].map(({ runtime, lifetime }) =>
              lifetime.unlessKilled(deliveriesOf(runtime, [...events.values()])),
            ),
          )
          return accounts.flat().map((account) => {
            const event = events.get(account.eventId) as LoggedEvent
            return { ...account, event: publishedEvent(contract, event) }
          })
        })(),
      ),
    performed: (effect) => effects.performed(effect),
    timers: async (service) => {
      const { lifetime, runtime } = runOf(service)
      const timers = await world.drive(lifetime.unlessKilled(timerValues(runtime)))
      return timers.map(({ setAt: _, ...timer }) => ({ ...timer, dueAt: new Date(timer.dueAt) }))
    },
    instance: async (manager, key) => {
      const { lifetime, runtime } = runs.of(manager.service)
      return (await world.drive(lifetime.unlessKilled(instanceValue(runtime, manager.name, key)))) as never
    },
    deferred: ({ service, ...selection } = {}) =>
      runtimes()
        .filter(({ name }) => service === undefined || name === service)
        .flatMap((runtime) => deferredEvents(runtime, selection)),
    redrive: (service, selection = {}) => {
      const { lifetime, runtime } = runOf(service)
      return world.drive(lifetime.unlessKilled(redrive(runtime, selection, { dryRun: false })))
    },
    rebuild: (service, readModel) => {
      const { lifetime, runtime } = runOf(service)
      return world.drive(lifetime.unlessKilled(runtime.rebuild(readModel)))
    },
    status: (service) => runOf(service).runtime.status,
    runtime: (service) => runOf(service).runtime,
    drive: (work) => world.drive(work),
    runs: (service) => runs.running.get(nameOf(service))?.standIn === false,
    start: (service) => world.drive(start(service)),
    stop: (service) => world.drive(runs.stop(nameOf(service))),
    restart: (service) =>
      world.drive(
        (async () => {
          if (runs.running.has(nameOf(service))) await runs.stop(nameOf(service))
          await start(service)
        })(),
      ),
    crash: async (service, at) => {
      if (at === undefined) runs.crash(nameOf(service))
      else runs.crashAt(nameOf(service), at)
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

function nameOf(service: ServiceName): string {
  if (typeof service === 'string') return service
  checkObject(service, { what: 'The service of a call of the session', hint: 'Pass the service or its name.' })
  return service.name
}

function saysOf(kind: string, written: string): Says {
  return { what: `The ${kind} for the session`, hint: `Write \`${written}\`.` }
}

function checkSessionOptions(options: { readonly services: readonly Service[] }): void {
  const hint = 'Write `createSession({ services: [orders] })`, with what `.with({ … })` returns.'
  checkObject(options, { what: 'The options of a session', hint })
  checkList(options.services, { what: '`services` of a session', hint })
  for (const [index, service] of options.services.entries())
    checkKind(service, 'service', { what: `Number ${index + 1} of \`services\` of a session`, hint })
}

function isService(service: ServiceName | Service): service is Service {
  return typeof service !== 'string' && 'kind' in service && service.kind === 'service'
}
