// `tidings dev`: every service of the system in one process, restarted whenever a file that it has loaded changes.

import { type Command, Option } from 'commander'
import type { LogLevel } from 'tidings/ports'
import { develop } from '../dev/develop.ts'
import type { CommandInvocation, Invocation, SystemOptions } from '../invocation.ts'
import { loadSystem } from '../system/load-system.ts'
import { action, logLevels, wholeNumber, withSystemOptions } from './shared-options.ts'

interface DevOptions extends SystemOptions {
  readonly port?: number
  readonly inspect?: string | boolean
  readonly log: LogLevel | 'silent'
  readonly reload: boolean
}

/** Adds the command. */
export function addDev(program: Command, invocation: Invocation): void {
  const command = program
    .command('dev')
    .description('run all services in one process, and restart it whenever a file changes')
    .option('--port <number>', 'the port of the HTTP API; 0 takes a free port', wholeNumber('--port', 0, 65_535))
    .option('--inspect [address]', 'let a debugger attach; handlers and lookups do not time out meanwhile')
    .option('--no-reload', 'do not watch files')
    .addOption(new Option('--log <level>', 'the lowest log level to print').choices(logLevels).default('info'))
  withSystemOptions(command).action(action<DevOptions>(invocation, runDev))
}

async function runDev(invocation: CommandInvocation, options: DevOptions): Promise<void> {
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
