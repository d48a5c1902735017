// Starts a system in processes, each with one service or with all of them, and one front for their HTTP API.

import path from 'node:path'
import type { ControlledSystem, LiveSelection } from '@tidings/http'
import { type Service, TidingsError } from 'tidings'
import type { StoreDamage } from 'tidings/runtime'
import type { Config } from '../config/config.ts'
import type { LoadedConfig } from '../config/load-config.ts'
import { type ControlClient, controlClients } from '../control/control-client.ts'
import { openControl } from '../control/open-control.ts'
import type { LogOptions } from '../environment/log-sink.ts'
import { nodeEnvironment } from '../environment/node-environment.ts'
import { openHealth } from '../health/health.ts'
import { type HealthOptions, healthOf } from '../health/health-options.ts'
import type { HttpOptions } from '../server/http-options.ts'
import { httpSettings } from '../server/http-settings.ts'
import { listen } from '../server/listen.ts'
import type { Closing } from '../start-system.ts'
import { startWatchdog } from '../watchdog/watchdog.ts'
import type { WatchdogOptions } from '../watchdog/watchdog-options.ts'
import type { ChildOrder } from './child-messages.ts'
import { createFront } from './front.ts'
import type { PrintedLine } from './ordered-process.ts'
import { serviceProcesses } from './service-processes.ts'
import { type SettledOptions, settledProcesses } from './settled-processes.ts'
import { type SupervisedChild, superviseChild } from './supervised-child.ts'

/** Options of starting a system in processes. */
export interface ProcessesOptions {
  /** The names of the services to run. Default: all. */
  readonly services?: readonly string[]
  /** The folder for the system's data. Default: the configuration's. */
  readonly data?: string
  /** Options of the front; each overrides the configuration's. The processes use the configuration's `authorize`. */
  readonly http?: Omit<HttpOptions, 'authorize'>
  /** Options of the log that each process writes to stderr. Default: level `info`, as JSON. */
  readonly log?: Pick<LogOptions, 'level' | 'redact' | 'format'>
  /**
   * How long to wait until every service has started, in milliseconds, before it throws `TIMED_OUT`. With `Infinity`, it waits for a service that cannot start
   * yet as long as it takes, while the others run. Default: 60,000.
   */
  readonly startTimeoutMs?: number
  /** How long a process may take to end, in milliseconds, before it is killed. Default: 15,000. */
  readonly stopTimeoutMs?: number
  /**
   * How long the front waits for a process to begin its answer, in milliseconds, before it answers 504. Default: 10,000 more than the `handlerTimeoutMs`
   * of the service, which answers by itself until then.
   */
  readonly answerTimeoutMs?: number
  /** The watchdog of each process, which ends it if its main thread is blocked. Default: the configuration's. */
  readonly watchdog?: WatchdogOptions | false
  /** How many processes run each service; more than one needs an engine whose stores several may write. Default: 1. */
  readonly instances?: number
  /** Whether each process runs all services, rather than one. Default: false. */
  readonly together?: boolean
  /**
   * The name that the process of each service has among the instances of that service: see `instance` of `StartOptions`. With several `instances`, their
   * names are this one with `.1`, `.2` and so on behind it. Default: as there.
   */
  readonly instance?: string
  /**
   * Where health probes are answered, for all processes together: ready, if every service is. Live means that the supervisor is: it restarts the others itself.
   * `false` answers none. Default: as for `startSystem`.
   */
  readonly health?: HealthOptions | false
  /** Gets each line that a process prints, also those of its log. Default: the processes print where this one does. */
  readonly printed?: (line: ProcessLine) => void
  /** Ends everything when it aborts, also during the start, which then throws `CLOSED`. */
  readonly signal?: AbortSignal
}

/** A line that the process of a service has printed. */
export interface ProcessLine extends PrintedLine {
  readonly service: string
}

/** A process. */
export interface ProcessAccount {
  /** Its service, or the name of the system if it runs several. */
  readonly service: string
  /** `undefined` while no process runs. */
  readonly pid: number | undefined
  /** Whether it answers requests. */
  readonly up: boolean
  /** How often it was restarted. */
  readonly restarts: number
  /**
   * Damaged data that its service has met in its store since the process was started: then it is not healthy, although it is up. `undefined` if it has
   * met none.
   */
  readonly damage: StoreDamage | undefined
}

/** A running system in processes. */
export interface RunningProcesses {
  /** The URL of the front, the HTTP API of all services. */
  readonly httpUrl: string
  /** The URL of the supervisor's control endpoint: `stop` ends the whole system. */
  readonly controlUrl: string
  /** The URL of the port for health probes; `null` if none was opened. */
  readonly healthUrl: string | null
  /** The processes as they are now. */
  readonly processes: readonly ProcessAccount[]
  /** Resolves when everything has closed, by `close`, its signal, or the control endpoint: with whether every process has ended in order. */
  readonly ended: Promise<Closing>
  /** Clients for the control endpoints of the services' processes. */
  clients(): Promise<readonly ControlClient[]>
  /** Resolves when there is nothing left to do in any process; throws `TIMED_OUT`. */
  settled(options?: SettledOptions): Promise<void>
  /**
   * Ends the live streams of a principal or a tenant, for example after it has signed out. Readers that come back are authorized anew. Default: all
   * streams.
   */
  endLive(selection?: LiveSelection): void
  /** Closes the front after the requests in progress, then every process. Safe to call twice. */
  close(): Promise<void>
}

/**
 * Starts each service of a configuration in a process of its own, or in several, restarts a process whenever it ends, and opens one front for all.
 *
 * If a service cannot start, throws its error, or `TIMED_OUT`, after it has ended the processes that it started.
 */
export async function startProcesses(
  config: Config | LoadedConfig,
  configPath: string,
  options: ProcessesOptions = {},
): Promise<RunningProcesses> {
  const data = path.resolve(options.data ?? config.data ?? '.tidings')
  const environment = nodeEnvironment({ log: options.log ?? {} })
  const settings = httpSettings({ ...config.http, ...options.http })
  const services = config.services.filter(({ name }) => options.services?.includes(name) ?? true)
  const stopTimeoutMs = options.stopTimeoutMs ?? 15_000
  const where = healthOf(options.health, config.health)
  const children: SupervisedChild[] = []
  const ended = Promise.withResolvers<Closing>()
  const openings: (() => void | Promise<void>)[] = []
  const endings: (() => Promise<void>)[] = []
  let complete = true
  let closing: Promise<void> | undefined
  const close = () => {
    closing ??= (async () => {
      // Whatever sends a signal to this process may send it to the others too: they are not restarted then.
      for (const child of children) child.closing()
      for (const end of openings) await end()
      const inOrder = await Promise.all(children.map((child) => child.stop()))
      complete = inOrder.every(Boolean)
      for (const end of endings) await end()
    })().finally(() => ended.resolve({ complete }))
    return closing
  }
  const abort = () => void close().catch(() => {})
  options.signal?.addEventListener('abort', abort)
  try {
    options.signal?.throwIfAborted()
    let healthUrl: string | null = null
    if (where !== undefined) {
      // It ends nothing: the supervisor runs no code of the services.
      const looking = startWatchdog({ endsProcess: false, format: 'none' })
      endings.push(() => looking.stop())
      const health = await openHealth(where, looking)
      openings.push(health.closing)
      healthUrl = health.url
      const never = new Promise<never>(() => {})
      const unready = async () => (await Promise.all(services.map(({ name }) => unreadyOf(name, children)))).flat()
      endings.unshift(() => health.close())
      health.serve([{ unready, damaged: never }])
    }
    const { printed } = options
    for (const share of sharesOf(config, services, options)) {
      const order: ChildOrder = {
        ...share,
        configPath: path.resolve(configPath),
        data,
        log: options.log ?? {},
        supervisor: process.pid,
        watchdog: options.watchdog ?? config.watchdog ?? {},
      }
      children.push(
        superviseChild(order, {
          environment,
          stopTimeoutMs,
          printed: printed && ((line) => printed({ service: share.name, ...line })),
        }),
      )
    }
    const byService = new Map(
      services.map(({ name }) => [
        name,
        serviceProcesses(
          name,
          children.filter(({ services }) => services.includes(name)),
        ),
      ]),
    )
    const answerTimeoutMs = ({ limits }: Service) => options.answerTimeoutMs ?? limits.handlerTimeoutMs + 10_000
    const front = createFront({ services, children: byService, settings, environment, answerTimeoutMs })
    const listening = await listen(front.endpoint, settings)
    openings.push(front.endStreams, () => listening.close(), front.close)
    const system = noSystem()
    const control = await openControl({
      system,
      environment,
      directory: data,
      name: `front@${config.name}`,
      httpUrl: listening.url,
      stop: () => void close().catch(() => {}),
    })
    openings.push(() => control.close())
    const stopped = ended.promise.then(() => {
      throw new TidingsError('CLOSED', 'The system was ended before every service had started.')
    })
    await Promise.race([allReady(children, options.startTimeoutMs ?? 60_000), stopped])
    const names = services.map(({ name }) => name)
    const clients = async () => (await controlClients(data)).filter(({ run }) => run.services.length > 0)
    return {
      httpUrl: listening.url,
      controlUrl: control.url,
      healthUrl,
      ended: ended.promise,
      get processes() {
        return children.map(({ name, pid, url, restarts, damage }) => ({
          service: name,
          pid,
          up: url !== undefined,
          restarts,
          damage,
        }))
      },
      clients,
      endLive: (selection = {}) => {
        front.endLive(selection)
        for (const child of children) child.endLive(selection)
      },
      settled: (settledOptions) => settledProcesses(names, clients, settledOptions),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

interface Share {
  readonly name: string
  readonly services: readonly string[]
  readonly instance?: string
}

/** What each process runs. A name that is given is that of the instance, or the beginning of the names of several. Throws `CONFIG_INVALID`. */
function sharesOf(
  config: Config | LoadedConfig,
  services: readonly Service[],
  options: ProcessesOptions,
): readonly Share[] {
  const { instances = 1, together = false, instance } = options
  if (!Number.isInteger(instances) || instances < 1)
    throw new TidingsError('CONFIG_INVALID', `instances must be a whole number of at least 1, not ${instances}.`)
  const names = services.map(({ name }) => name)
  const each = together ? [{ name: config.name, services: names }] : names.map((name) => ({ name, services: [name] }))
  if (instances === 1) return instance === undefined ? each : each.map((one) => ({ ...one, instance }))
  const start = instance ?? process.env.TIDINGS_INSTANCE ?? config.instance
  return Array.from({ length: instances }, (_none, index) =>
    each.map((one) => (start === undefined ? one : { ...one, instance: `${start}.${index + 1}` })),
  ).flat()
}

// A service is ready if one of its processes is.
async function unreadyOf(service: string, children: readonly SupervisedChild[]): Promise<readonly string[]> {
  const own = children.filter(({ services }) => services.includes(service))
  const missing = await Promise.all(own.map((child) => child.unready()))
  if (missing.length === 0) return ['starting']
  return missing.some((each) => each.length === 0) ? [] : [...new Set(missing.flat())]
}

async function allReady(children: readonly SupervisedChild[], startTimeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    if (startTimeoutMs === Number.POSITIVE_INFINITY) return
    timer = setTimeout(() => {
      const missing = children.filter(({ url }) => url === undefined)
      const [failure] = missing.flatMap((child) => child.failure ?? [])
      const names = missing.map(({ name }) => name).join(', ')
      reject(failure ?? new TidingsError('TIMED_OUT', `${names} did not start within ${startTimeoutMs} ms.`))
    }, startTimeoutMs)
  })
  try {
    await Promise.race([Promise.all(children.map(({ ready }) => ready)), late])
  } finally {
    clearTimeout(timer)
  }
}

// The supervisor runs no services itself; its control endpoint says so, and can end the whole system.
function noSystem(): ControlledSystem {
  return {
    services: new Map(),
    service: (name) => {
      throw new TidingsError('UNKNOWN_SERVICE', `Service ${name} runs in a process of its own, not in this one.`)
    },
    engine: { durability: 'see the process of each service' },
  }
}
