// Starts a whole system, or some of its services, in this process.

import path from 'node:path'
import { createHttpApi, type HttpApi, type LiveSelection } from '@tidings/http'
import type { Service } from 'tidings'
import { describeThrown } from 'tidings/errors'
import {
  type BlockedRun,
  createLog,
  createSystem,
  type Environment,
  InProgress,
  renamedServices,
  type System,
} from 'tidings/runtime'
import { type Config, serviceOf } from './config/config.ts'
import type { LoadedConfig } from './config/load-config.ts'
import { openControl } from './control/open-control.ts'
import { remoteLookups } from './control/remote-lookups.ts'
import { prepareRunFolder } from './control/run-folder.ts'
import { commandOptions, withPrintedCommands } from './environment/command-options.ts'
import { instanceOf } from './environment/instance-name.ts'
import { createLogSink } from './environment/log-sink.ts'
import { type NodeEnvironmentOptions, nodeEnvironment } from './environment/node-environment.ts'
import { tidingsCall } from './environment/printed-commands.ts'
import { type Health, openHealth } from './health/health.ts'
import { type HealthOptions, healthOf } from './health/health-options.ts'
import { servePages } from './pages/serve-pages.ts'
import type { HttpOptions } from './server/http-options.ts'
import { type HttpSettings, httpSettings } from './server/http-settings.ts'
import { type Listening, listen } from './server/listen.ts'
import type { NodeConnection } from './server/node-connection.ts'
import { warnOfStrayStores } from './stray-stores.ts'
import { readBlockedNote, removeBlockedNote } from './watchdog/blocked-note.ts'
import { startWatchdog, type Watchdog } from './watchdog/watchdog.ts'
import type { WatchdogOptions } from './watchdog/watchdog-options.ts'

/** Options of a system's start. */
export interface StartOptions {
  /** The names of the services to run in this process. Default: all. */
  readonly services?: readonly string[]
  /** The folder for the system's data. Default: the configuration's. If the path is relative, it starts at the current folder. */
  readonly data?: string
  /** Options of the HTTP API; each overrides the configuration's. `false` opens none. */
  readonly http?: HttpOptions | false
  /**
   * Where log lines go: a sink, or options of the log. Default: level `info` to stderr, as text for people; in production, pass
   * `{ format: 'json' }`.
   */
  readonly log?: NodeEnvironmentOptions['log']
  /** Creates spans, such as `openTelemetry()`. Default: none. */
  readonly tracing?: NodeEnvironmentOptions['tracing']
  /**
   * How long `close` waits for the services at most, in milliseconds. Commits are safe even if it does not wait long enough. Default:
   * 10,000.
   */
  readonly closeTimeoutMs?: number
  /**
   * Your own clock, such as one that follows a log, in milliseconds since 1970. Timers and effects then run only when you call
   * `ServiceRuntime.tick`. Default: the system's clock; timers and effects then run by themselves.
   */
  readonly now?: () => number
  /**
   * For a developer's own machine: the 404 for an internal command, query or live query says how to expose it. `tidings dev` sets it. Without, it is
   * the same as for a name that does not exist. A version that was edited after data were stored under it is an error (`VERSION_EDITED`); without, it
   * is logged as a warning. Default: false.
   */
  readonly development?: boolean
  /**
   * Watches over this process: ends it if its main thread is blocked, for example by an endless loop in a handler. The last line on stderr names what
   * blocked it, and the next start handles by itself what may have caused it. `true` takes the limits of the configuration; pass a watchdog that you
   * have started yourself to have it watch over what came before. Default: false; `tidings start` and `tidings dev` have one.
   */
  readonly watchdog?: boolean | WatchdogOptions | Watchdog
  /**
   * The name of this process among those that run the same services on stores that they share, such as the name of its pod: letters and digits,
   * `.`, `_` and `-`. With an engine of one writer it means nothing. Each process needs a name of its own that outlives its restarts: started again under it,
   * it takes its work back at once. Of two processes with one name, the one that started first does no more work by itself, and logs
   * `INSTANCE_REPLACED`. Default: the environment variable `TIDINGS_INSTANCE`, then the configuration's, then the name of the host, the data folder and
   * the first number that no other process has there, such as `web-1.3f9a2c.1`.
   */
  readonly instance?: string
  /**
   * Where it answers health probes: `/livez` and `/readyz`, on a port with nothing else on it. `false` answers none. Default: the environment variable
   * `TIDINGS_HEALTH`, such as `8081` or `0.0.0.0:8081`, then the configuration's, then none.
   */
  readonly health?: HealthOptions | false
}

/** How a system has closed. */
export interface Closing {
  /** Whether everything in progress has ended; false if `closeTimeoutMs` had passed before. Then the process must end to free what is left. */
  readonly complete: boolean
}

/** A running system. */
export interface RunningSystem {
  readonly system: System
  /** The URL of its HTTP API; `null` if none was opened. */
  readonly httpUrl: string | null
  /** The URL of its control endpoint. */
  readonly controlUrl: string
  /** The URL of its health port; `null` if none was opened. */
  readonly healthUrl: string | null
  /** Resolves when the system has closed, by `close` or through its control endpoint. */
  readonly ended: Promise<Closing>
  /** Resolves when there is nothing left to do; throws `TIMED_OUT`. */
  settled(options?: { readonly timeoutMs?: number }): Promise<void>
  /**
   * Ends the live streams of a principal or a tenant, for example after it has signed out; returns how many. Readers that come back are authorized anew.
   * Default: all streams.
   */
  endLive(selection?: LiveSelection): number
  /** Closes the HTTP API after the requests in progress, then the services. Safe to call twice. */
  close(): Promise<void>
}

/**
 * Starts a system, or some of its services, in this process.
 *
 * Throws `UNKNOWN_SERVICE`, `CONFIG_INVALID`, `STORE_LOCKED` if another process runs one of them, or an error of the engine.
 */
export async function startSystem(config: Config | LoadedConfig, options: StartOptions = {}): Promise<RunningSystem> {
  const directory = path.resolve(options.data ?? config.data ?? '.tidings')
  const services = servicesOf(config, options.services)
  const names = services.map(({ name }) => name)
  const instance = instanceOf(config, { given: options.instance, directory, services: names })
  const where = healthOf(options.health, config.health)
  const watchdog = watchdogOf(config, options, where !== undefined)
  const log = typeof options.log === 'function' ? options.log : createLogSink({ format: 'text', ...options.log })
  const commands = { call: tidingsCall(process.env), options: commandOptions(config, directory) }
  const environment = nodeEnvironment({
    log: withPrintedCommands(log, commands),
    ...(options.tracing === undefined ? {} : { tracing: options.tracing }),
    ...(options.now === undefined ? {} : { now: options.now }),
    lookups: remoteLookups(directory),
    ...(watchdog === undefined ? {} : { longWork: watchdog.dog.longWork }),
  })
  const driver = config.engine({ directory, log: environment.log })
  const settings = options.http === false ? undefined : httpSettings({ ...config.http, ...options.http })
  const inProgress = new InProgress()
  watchdog?.dog.watch({ services: names, directory, inProgress, commands })
  let health: Health | undefined
  const opening = async () => {
    if (where !== undefined && watchdog !== undefined) health = await openHealth(where, watchdog.dog)
  }
  const system = await createRunnableSystem(directory, opening, {
    services,
    driver,
    environment,
    renamed: renamedServices(config.services),
    ticked: options.now !== undefined,
    editedVersions: options.development === true ? 'refuse' : 'warn',
    blockedRuns: blockedRuns(directory, names),
    inProgress,
    instance: instance.name,
  }).catch(async (error: unknown) => {
    await health?.close()
    instance.release()
    await watchdog?.stop()
    throw error
  })
  // From here on, the stores know how the last run ended.
  for (const name of names) removeBlockedNote(directory, name)
  // Where each service has a process of its own, one of them says it for all.
  const [first] = config.services
  if (first !== undefined && system.services.has(first.name))
    await warnOfStrayStores(config, system.engine, environment)
  const ended = Promise.withResolvers<Closing>()
  let complete = false
  const openings: { close(): Promise<void> }[] = []
  let closing: Promise<void> | undefined
  const close = () => {
    closing ??= (async () => {
      health?.closing()
      // HTTP first: requests in progress still need the services.
      for (const opening of openings) await opening.close()
      complete = await closeBounded(system, environment, options.closeTimeoutMs ?? 10_000)
    })()
      .finally(() => health?.close())
      .finally(() => watchdog?.stop())
      .finally(instance.release)
      .finally(() => ended.resolve({ complete }))
    return closing
  }
  const stop = () => {
    close().catch((error: unknown) => {
      const { code, message, stack } = describeThrown(error)
      createLog(environment, undefined).error('The system did not close properly', { code, error: message, stack })
    })
  }
  try {
    const http = settings && (await openHttp(system, settings, environment, options.development ?? false))
    if (http !== undefined) openings.push(http)
    const httpUrl = http?.url ?? null
    const name = runName(config, system, options.services)
    const file = 'path' in config ? config.path : undefined
    const control = await openControl({ system, environment, directory, name, config: file, httpUrl, stop })
    openings.push(control)
    health?.serve(system.services.values())
    return {
      system,
      httpUrl,
      controlUrl: control.url,
      healthUrl: health?.url ?? null,
      ended: ended.promise,
      settled: (settleOptions) => system.settled(settleOptions),
      endLive: (selection) => http?.endLive(selection) ?? 0,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

// Fails before anything is opened if nobody could operate the system.
async function createRunnableSystem(
  directory: string,
  opening: () => Promise<void>,
  options: Parameters<typeof createSystem>[0],
): Promise<System> {
  prepareRunFolder(directory)
  await opening()
  return createSystem(options)
}

async function openHttp(
  system: System,
  settings: HttpSettings,
  environment: Environment,
  development: boolean,
): Promise<Listening & Pick<HttpApi, 'endLive'>> {
  const pages = servePages(settings.pages, system.services.keys())
  const api = createHttpApi<NodeConnection>({
    services: [...system.services.values()],
    settings: settings.access,
    environment,
    development,
    ...(pages === undefined ? {} : { pages }),
  })
  const listening = await listen(api, settings)
  const close = () => {
    api.close()
    return listening.close()
  }
  return { ...listening, close, endLive: (selection) => api.endLive(selection) }
}

// The watchdog, and how to stop it if it was started here. One that ends nothing only answers probes.
function watchdogOf(
  config: Config,
  { watchdog = false, log }: StartOptions,
  answersProbes: boolean,
): { readonly dog: Watchdog; readonly stop: () => Promise<void> } | undefined {
  if (watchdog === false && !answersProbes) return undefined
  if (watchdog === false) {
    const looking = startWatchdog({ endsProcess: false, format: 'none', ...(config.watchdog || {}) })
    return { dog: looking, stop: () => looking.stop() }
  }
  if (typeof watchdog === 'object' && 'longWork' in watchdog) {
    if (config.watchdog !== false) watchdog.limit(config.watchdog ?? {})
    return { dog: watchdog, stop: async () => {} }
  }
  const limits = watchdog === true ? config.watchdog || {} : watchdog
  const format =
    typeof log === 'object' && log.level === 'silent' ? 'none' : typeof log === 'object' ? log.format : undefined
  const own = typeof log === 'function' ? ({ format: 'json', log } as const) : ({ format: format ?? 'text' } as const)
  const dog = startWatchdog({ ...limits, ...own })
  return { dog, stop: () => dog.stop() }
}

function blockedRuns(directory: string, services: readonly string[]): ReadonlyMap<string, BlockedRun> {
  return new Map(
    services.flatMap((name) => {
      const note = readBlockedNote(directory, name)
      return note?.ended === true ? [[name, note]] : []
    }),
  )
}

// No service's name has an `@`, so a system and a single service never use the same run file; nor do two instances, whose names follow a dot.
function runName(config: Config, { services }: System, chosen: readonly string[] | undefined): string {
  const [only] = services.values()
  const name = chosen !== undefined && services.size === 1 && only !== undefined ? only.name : `all@${config.name}`
  const instance = only?.status.instance
  return instance === undefined ? name : `${name}.${instance.name}`
}

// Returns whether everything has ended. If a broker hangs, the process still has to end: commits are safe, and the next start continues after them.
async function closeBounded(system: System, environment: Environment, closeTimeoutMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<'late'>((resolve) => {
    timer = setTimeout(resolve, closeTimeoutMs, 'late')
  })
  const outcome = await Promise.race([system.close(), timeout])
  clearTimeout(timer)
  if (outcome !== 'late') return true
  const fields = { services: [...system.services.keys()], closeTimeoutMs }
  createLog(environment, undefined).warn('Closing timed out before all services had stopped', fields)
  return false
}

function servicesOf(config: Config, names: readonly string[] | undefined): readonly Service[] {
  return names === undefined ? config.services : names.map((name) => serviceOf(config, name))
}
