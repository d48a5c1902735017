// `tidings dev`: every service of the system in one process, restarted whenever a file that it has loaded changes.

import type { LogLevel } from 'tidings/ports'
import { develop } from '../dev/develop.ts'
import type { CommandInvocation, SystemOptions } from '../invocation.ts'
import { loadSystem } from '../system/load-system.ts'

/** The options. */
export interface DevOptions extends SystemOptions {
  readonly port?: number
  readonly inspect?: string | boolean
  readonly log: LogLevel | 'silent'
  readonly reload: boolean
}

/** Runs the system, and restarts it whenever a file changes. */
export async function runDev(invocation: CommandInvocation, options: DevOptions): Promise<void> {
  const { terminal, cwd, interrupted, complete } = invocation
  invocation.outliveReaders()
  const inspect = options.inspect === true ? '--inspect' : `--inspect=${options.inspect}`
  // Reports a missing or wrong configuration right away. The child process loads it again.
  const { config, data } = await loadSystem(invocation, options)
  await develop({
    terminal,
    cwd,
    interrupted,
    json: options.json === true,
    reload: options.reload,
    config,
    data,
    complete,
    execArgv: options.inspect === undefined ? [] : [inspect],
    child: {
      config: config.path,
      data: options.data === undefined ? undefined : data,
      port: options.port,
      log: options.log,
      json: options.json === true,
      services: undefined,
      parent: process.pid,
    },
  })
}
