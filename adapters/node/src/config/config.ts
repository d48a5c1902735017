// `tidings.config.ts`: the services of a system and the engine they run on, as plain data.

import { type Service, TidingsError } from 'tidings'
import type { Driver, LogSink } from 'tidings/ports'
import type { HealthOptions } from '../health/health-options.ts'
import type { HttpOptions } from '../server/http-options.ts'
import type { WatchdogOptions } from '../watchdog/watchdog-options.ts'
import { checkConfig } from './check-config.ts'

/** Options that an engine is created with. */
export interface EngineOptions {
  /** The folder for the system's data, as an absolute path. */
  readonly directory: string
  /** Where the engine's warnings go. */
  readonly log: LogSink
}

/** A system's configuration. */
export interface ConfigOptions {
  /** The system's name: lower-case words joined by `-`. */
  readonly name: string
  /** Its services. */
  readonly services: readonly Service[]
  /** Creates the driver; called once in each process. */
  readonly engine: (options: EngineOptions) => Driver
  /** The folder for the system's data, relative to the configuration's folder. Default: `.tidings`. */
  readonly data?: string
  /** Options of its HTTP API. Default: on port 4747 of the loopback interface. */
  readonly http?: HttpOptions
  /**
   * Where a process answers health probes: `/livez` and `/readyz`, on a port with nothing else on it. All processes read this configuration: where several
   * run on one machine, give each a port of its own with the environment variable `TIDINGS_HEALTH`, which comes first. Default: none are answered.
   */
  readonly health?: HealthOptions
  /**
   * The watchdog of `tidings start`, `tidings dev` and `startProcesses`, a thread that ends a process whose main thread is blocked; `false` for none.
   * Default: one with its default limits.
   */
  readonly watchdog?: WatchdogOptions | false
  /**
   * The name of this process among those that run the same services on stores that they share (`writers: 'many'`): letters and digits, `.`, `_` and `-`.
   * With an engine of one writer it means nothing. Each process needs a name of its own that outlives its restarts; of two with one name, the one that
   * started first does no more work by itself (`INSTANCE_REPLACED`). All processes read this configuration, so compute it here, or set the environment
   * variable `TIDINGS_INSTANCE` instead, which comes first. Default: the name of the host, the data folder and a number, such as `web-1.3f9a2c.1`.
   */
  readonly instance?: string
}

/** A checked configuration. */
export interface Config extends ConfigOptions {
  /** Distinguishes configurations from other values. */
  readonly kind: 'config'
}

/**
 * Defines a system's configuration: the default export of `tidings.config.ts`. Starts nothing.
 *
 * Throws `CONFIG_INVALID`, naming the wrong part.
 */
export function defineConfig(options: ConfigOptions): Config {
  checkConfig('The configuration', options)
  return { kind: 'config', ...options }
}

/** A service of a configuration by its name; throws `UNKNOWN_SERVICE`. */
export function serviceOf(config: ConfigOptions, name: string): Service {
  const service = config.services.find((each) => each.name === name)
  if (service === undefined) {
    throw new TidingsError('UNKNOWN_SERVICE', `The system ${config.name} has no service ${JSON.stringify(name)}.`, {
      details: { services: config.services.map((each) => each.name) },
    })
  }
  return service
}
