// Runs the system for `tidings dev` until it is told to stop.

import { type LoadedConfig, loadConfig, startSystem, startWatchdog } from '@tidings/node'
import { isTidingsError } from 'tidings'
import { exposureCounts } from '../system/exposure.ts'
import { failureOf } from '../usage/command-failure.ts'
import { exitCodes } from '../usage/exit-codes.ts'
import type { ChildOptions, FromChild } from './dev-messages.ts'

/** The time limit of handlers and lookups under a debugger, in milliseconds: a day. */
const breakpointMs = 24 * 3_600_000

/** Runs the system until `stopRequested` resolves; returns the exit code. */
export async function runChild(
  options: ChildOptions & { readonly debugged: boolean },
  send: (message: FromChild) => void,
  stopRequested: Promise<void>,
): Promise<number> {
  const format = options.log === 'silent' ? 'none' : options.json ? 'json' : 'text'
  const watchdog = startWatchdog({ supervisor: options.parent, format })
  try {
    const loaded = await loadConfig(options.config)
    if (loaded.watchdog === false) await watchdog.stop()
    const config = options.debugged ? withoutTimeouts(loaded) : loaded
    const running = await startSystem(config, {
      data: options.data ?? config.data,
      ...(options.services === undefined ? {} : { services: options.services }),
      ...(options.port === undefined ? {} : { http: { port: options.port } }),
      development: true,
      watchdog: loaded.watchdog === false ? false : watchdog,
      log: { level: options.log, format: options.json ? 'json' : 'text' },
    })
    send({
      kind: 'started',
      system: config.name,
      services: [...running.system.services.keys()],
      http: running.httpUrl,
      control: running.controlUrl,
      durability: running.system.engine.durability,
      debugged: options.debugged,
      ...exposureCounts([...running.system.services.values()].map(({ declaration }) => declaration)),
    })
    await Promise.race([stopRequested, running.ended])
    await running.close()
    return exitCodes.ok
  } catch (error) {
    const { code, message, hint, exitCode } = failureOf(error)
    send({ kind: 'failed', code, message, hint: hint ?? null, repairable: !isTaken(error) })
    return exitCode
  }
}

// Whether another process has the port or a store: no change of a file helps then.
function isTaken(error: unknown): boolean {
  if (!isTidingsError(error)) return false
  const cause = error.cause as { readonly code?: unknown } | undefined
  return error.code === 'STORE_LOCKED' || cause?.code === 'EADDRINUSE'
}

// While you look at a breakpoint, the handler must not time out.
function withoutTimeouts(config: LoadedConfig): LoadedConfig {
  const services = config.services.map((service) => ({
    ...service,
    limits: { ...service.limits, handlerTimeoutMs: breakpointMs, lookupTimeoutMs: breakpointMs },
  }))
  return { ...config, services }
}
