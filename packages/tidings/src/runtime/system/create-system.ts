// Several services in one process: each has its own store, and nothing but the broker connects them.

import { checkInstanceName } from '../../contracts/index.ts'
import { checkFunction, checkKind, checkList, checkObject, TidingsError } from '../../errors/index.ts'
import type { Environment } from '../../ports/environment.ts'
import type { Driver, Engine, LookupAnswer, LookupRequest, Lookups } from '../../ports/index.ts'
import type { Service } from '../../services/index.ts'
import { FairLock } from '../concurrency/lock.ts'
import { type BlockedRun, InProgress } from '../core/work-in-progress.ts'
import type { EditedVersions } from '../service/edited-versions.ts'
import { ServiceRuntime } from '../service/service-runtime.ts'
import { type ServiceCalls, serviceCalls } from './service-calls.ts'
import { settled } from './settle.ts'

/** Options of a system. */
export interface SystemOptions {
  /** The services that run in this process. */
  readonly services: readonly Service[]
  /** Opens the stores and the broker that connects them. */
  readonly driver: Driver
  /** Clock, ids, random, timeouts and log. */
  readonly environment: Environment
  /**
   * The names that other services of the system had before, by their names, if they do not run here. Default: those of `services` that have `was`.
   */
  readonly renamed?: Readonly<Record<string, string>>
  /** Opens the stores to inspect and operate them: nothing is delivered, relayed or rebuilt. Default: false. */
  readonly idle?: boolean
  /** Manual mode: due timers and effects are enqueued only when you call `tick` of their service. Default: false. */
  readonly ticked?: boolean
  /**
   * Compares the versions under which data are stored with what was kept of them when services start: `warn` logs an edit that stored data may
   * not fit, `refuse` throws `VERSION_EDITED`. Default: nothing is compared, so that a function host starts fast.
   */
  readonly editedVersions?: EditedVersions
  /** By service: how the host ended its previous run because it was blocked. Default: it ended none. */
  readonly blockedRuns?: ReadonlyMap<string, BlockedRun>
  /**
   * The name of this process among those that run the same services, where their stores can be shared: see `ServiceRuntimeOptions.instance`. A function
   * is called once, if a store is shared. With an engine of one writer it means nothing. Default: a new name for each start.
   */
  readonly instance?: string | (() => string)
  /** Keeps what the services have in progress, for a host that looks at it. Default: one that nobody sees. */
  readonly inProgress?: InProgress
}

/** A running system. */
export interface System {
  /** The services that run here, by name. */
  readonly services: ReadonlyMap<string, ServiceRuntime>
  readonly engine: Engine
  /** A running service; throws `UNKNOWN_SERVICE`. */
  service(name: string): ServiceRuntime
  /** The typed calls of a running service: `system.service(lending).command(Borrow, { isbn })`. Throws `UNKNOWN_SERVICE`. */
  service<S extends Service>(service: S): ServiceCalls<S>
  /** Answers a lookup of another process for a service that runs here. */
  readonly lookups: Lookups
  /**
   * Resolves when nothing is left to do: every subscription is at its source's head and nothing is being retried. Parked events do not count.
   * It waits as long as something moves; with `timeoutMs`, at most so long. Throws `TIMED_OUT`, which names what is still busy.
   */
  settled(options?: { readonly timeoutMs?: number }): Promise<void>
  /** Closes the services, then the engine. */
  close(): Promise<void>
}

/**
 * Creates a system: opens the stores and starts the services.
 *
 * Throws `DUPLICATE_NAME`, `INVALID_NAME`, `STORE_LOCKED`, `LATE_HANDLER`, `VERSION_EDITED` or what the driver throws; before that, it closes what it has opened.
 */
export async function createSystem(options: SystemOptions): Promise<System> {
  checkSystemOptions(options)
  const { services, driver, environment } = options
  const names = new Set<string>()
  for (const { name } of services) {
    if (names.has(name)) throw new TidingsError('DUPLICATE_NAME', `Two services are named ${name}.`)
    names.add(name)
  }
  const instance = instanceNamed(options.instance)
  const engine = await driver.open(environment)
  const running = new Map<string, ServiceRuntime>()
  const isolation = new FairLock()
  const { inProgress = new InProgress() } = options
  const lookups = localLookups(running, environment.lookups)
  const renamed = { ...options.renamed, ...renamedServices(services) }
  const close = async () => {
    await Promise.all([...running.values()].map((service) => service.close()))
    await engine.close()
  }
  try {
    for (const service of services) {
      if (options.idle !== true) warnOfUnlisted(service, environment)
      if (options.idle !== true) await takeOver(engine, driver, service)
      const store = await engine.openStore(service.name)
      try {
        running.set(
          service.name,
          await ServiceRuntime.create(service, {
            store,
            broker: engine.broker,
            environment,
            lookups,
            isolation,
            inProgress,
            renamed,
            idle: options.idle ?? false,
            ticked: options.ticked ?? false,
            editedVersions: options.editedVersions,
            blockedRun: options.blockedRuns?.get(service.name),
            instance: store.capabilities.writers === 'many' ? instance() : undefined,
          }),
        )
      } catch (error) {
        await store.close()
        throw error
      }
    }
  } catch (error) {
    await close()
    throw error
  }
  return {
    services: running,
    engine,
    lookups,
    service: ((service: string | Service) =>
      typeof service === 'string'
        ? serviceOf(running, service)
        : serviceCalls(serviceOf(running, service.name))) as System['service'],
    settled: (settleOptions) => settled([...running.values()], environment, settleOptions),
    close,
  }
}

/** The names that services had before, by their names. */
export function renamedServices(services: readonly Service[]): Readonly<Record<string, string>> {
  return Object.fromEntries(services.flatMap(({ name, was }) => (was === undefined ? [] : [[name, was]])))
}

// A name that was given is checked although the engine may have one writer; one that is made is made once, when it is needed.
function instanceNamed(given: SystemOptions['instance']): () => string | undefined {
  const check = (name: string) => checkInstanceName('`instance` of a system', name)
  if (typeof given !== 'function') {
    if (given !== undefined) check(given)
    return () => given
  }
  let made: string | undefined
  return () => {
    made ??= check(given())
    return made
  }
}

async function takeOver(engine: Engine, { name: driver }: Driver, { name, was }: Service): Promise<void> {
  if (was === undefined) return
  if (engine.renameStore !== undefined) return engine.renameStore(was, name)
  throw new TidingsError(
    'CONFIG_INVALID',
    `Service ${name} was ${was}, but the driver ${driver} cannot rename stores.`,
    {
      hint: `Rename the store with the tools of the database, and leave out \`was\`.`,
    },
  )
}

function warnOfUnlisted(service: Service, { log, clock }: Environment): void {
  for (const what of service.unlisted()) {
    log({
      level: 'warn',
      time: clock.now(),
      service: service.name,
      message: 'A function is declared and never runs',
      fields: { function: what, hint: 'List it in `with` of its service.' },
    })
  }
}

function serviceOf(running: ReadonlyMap<string, ServiceRuntime>, name: string): ServiceRuntime {
  const service = running.get(name)
  if (service === undefined) {
    throw new TidingsError('UNKNOWN_SERVICE', `No service ${JSON.stringify(name.slice(0, 120))} runs here.`, {
      details: { services: [...running.keys()] },
    })
  }
  return service
}

// Lookups of services in this process go directly to their queries, as text; others go through the environment's lookups.
function localLookups(running: ReadonlyMap<string, ServiceRuntime>, elsewhere: Lookups | undefined): Lookups {
  return {
    ask: async (request: LookupRequest): Promise<LookupAnswer> => {
      const service = running.get(request.service)
      if (service === undefined) {
        if (elsewhere !== undefined) return elsewhere.ask(request)
        throw new TidingsError(
          'LOOKUP_UNAVAILABLE',
          `Service ${request.service} does not run here, and the environment has no lookups to reach it.`,
        )
      }
      return answerLookup(service, request)
    },
  }
}

/** Answers a lookup at the owner: text in, text out. */
export async function answerLookup(
  service: ServiceRuntime,
  request: Omit<LookupRequest, 'service' | 'timeoutMs'>,
): Promise<LookupAnswer> {
  let input: unknown
  try {
    input = JSON.parse(request.input)
  } catch (cause) {
    throw new TidingsError('INVALID_PAYLOAD', `The input of query ${request.query} is not JSON.`, { cause })
  }
  const output = await service.query(request.query, input, {
    principal: request.principal === null ? null : { id: request.principal, tenant: request.tenant },
    correlationId: request.correlationId,
    traceparent: request.traceparent,
    tracestate: request.tracestate,
    ...(request.minimumPosition === undefined ? {} : { minimumPosition: request.minimumPosition }),
  })
  return output === undefined ? { found: false } : { found: true, output: JSON.stringify(output) }
}

function checkSystemOptions(options: SystemOptions): void {
  const hint = 'Write `createSystem({ services: [orders], driver, environment })`, with what `.with({ … })` returns.'
  checkObject(options, { what: 'The options of a system', hint })
  checkList(options.services, { what: '`services` of a system', hint })
  for (const [index, service] of options.services.entries())
    checkKind(service, 'service', { what: `Number ${index + 1} of \`services\` of a system`, hint })
  checkObject(options.driver, { what: '`driver` of a system', hint })
  checkFunction(options.driver.open, { what: '`open` of the driver of a system', hint })
  checkObject(options.environment, { what: '`environment` of a system', hint })
}
