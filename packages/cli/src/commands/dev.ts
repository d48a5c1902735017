// `tidings dev`: every service of the system in one process, started again whenever a file it has loaded changes.

import { type Command, Option } from 'commander'
import { develop } from '../dev/develop.ts'
import { logLevels } from '../dev/development-log.ts'
import type { Invocation, SystemOptions } from '../invocation.ts'
import { loadSystem } from '../system/load-system.ts'
import { action, wholeNumber, withSystemOptions } from './shared-options.ts'

interface DevOptions extends SystemOptions {
  readonly port?: number
  readonly inspect?: string | boolean
  readonly log: string
  readonly reload: boolean
}

/** Adds the command. */
export function addDev(program: Command, invocation: Invocation): void {
  const command = program
    .command('dev')
    .description('run every service in one process, and again whenever a file changes')
    .option('--port <number>', 'the port of the HTTP API; 0 takes a free one', wholeNumber('--port', 0, 65_535))
    .option('--inspect [address]', 'let a debugger attach; breakpoints outlast all time limits')
    .option('--no-reload', 'do not watch files')
    .addOption(new Option('--log <level>', 'the least log level shown').choices(logLevels).default('warn'))
  withSystemOptions(command).action(action<DevOptions>(invocation, runDev))
}

async function runDev(invocation: Invocation, options: DevOptions): Promise<void> {
  const { terminal, cwd, interrupted } = invocation
  const inspect = options.inspect === true ? '--inspect' : `--inspect=${options.inspect}`
  // Only to fail early and well where there is no configuration: the child reads it again by itself.
  const { config, data } = await loadSystem(invocation, options)
  await develop({
    terminal,
    cwd,
    interrupted,
    json: options.json === true,
    reload: options.reload,
    execArgv: options.inspect === undefined ? [] : [inspect],
    child: {
      config: config.path,
      data: options.data === undefined ? undefined : data,
      port: options.port,
      log: options.log,
      json: options.json === true,
      services: undefined,
    },
  })
}
