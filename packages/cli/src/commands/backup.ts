// `tidings backup` and `tidings restore`: a service's store as one file, where the engine is SQLite.
// A backup may be taken while the service runs; a restore needs it stopped, and gives the store a new epoch.

import path from 'node:path'
import { confirm, isCancel } from '@clack/prompts'
import { type LoadedConfig, nodeHost } from '@tidings/node'
import type { Command } from 'commander'
import type { Invocation, SystemOptions } from '../invocation.ts'
import { type DeclaredSystem, loadSystem, serviceNamed } from '../system/load-system.ts'
import { withProgress } from '../terminal/progress.ts'
import { dim, green, yellow } from '../terminal/text.ts'
import { CommandFailure } from '../usage/command-failure.ts'
import { action, withSystemOptions } from './shared-options.ts'

/** Adds `backup`. */
export function addBackup(program: Command, invocation: Invocation): void {
  const command = program
    .command('backup')
    .argument('<service>', 'whose store')
    .argument('<file>', 'the file to write; must not exist')
    .description('copy a store into one file, also while it is written (SQLite)')
  withSystemOptions(command).action(action<SystemOptions>(invocation, backup))
}

/** Adds `restore`. */
export function addRestore(program: Command, invocation: Invocation): void {
  const command = program
    .command('restore')
    .argument('<service>', 'whose store; must be stopped')
    .argument('<file>', 'a file that `tidings backup` wrote')
    .description("put a backup in a stopped store's place (SQLite)")
    .option('-y, --yes', 'do not ask')
  withSystemOptions(command).action(action<SystemOptions & { yes?: boolean }>(invocation, restore))
}

async function backup(invocation: Invocation, options: SystemOptions, name = '', file = ''): Promise<void> {
  const { terminal, cwd } = invocation
  const declared = await sqliteSystem(invocation, options)
  const service = serviceNamed(declared, name).name
  const toFile = path.resolve(cwd, file)
  const { backupStore } = await import('@tidings/sqlite')
  const quiet = options.json === true
  await withProgress({ terminal, title: `Backing up ${service}`, unit: 'pages', quiet }, (report) =>
    backupStore({
      directory: declared.data,
      service,
      toFile,
      onProgress: ({ pagesDone, pagesTotal }) => report({ done: pagesDone, total: pagesTotal }),
    }),
  )
  if (quiet) terminal.json({ service, file: toFile })
  else terminal.line([green('✓ '), `${service} is backed up`, dim(`  ${toFile}`)])
}

async function restore(
  invocation: Invocation,
  options: SystemOptions & { yes?: boolean },
  name = '',
  file = '',
): Promise<void> {
  const { terminal, cwd } = invocation
  const declared = await sqliteSystem(invocation, options)
  const service = serviceNamed(declared, name).name
  const fromFile = path.resolve(cwd, file)
  if (options.yes !== true)
    await ask(invocation, `Replace the store of ${service} by ${fromFile}? What is newer is lost.`)
  const { restoreStore } = await import('@tidings/sqlite')
  const quiet = options.json === true
  const { ids } = nodeHost({ log: { level: 'silent' } })
  await withProgress({ terminal, title: `Restoring ${service}`, unit: 'pages', quiet }, (report) =>
    restoreStore({
      directory: declared.data,
      service,
      fromFile,
      ids,
      onProgress: ({ pagesDone, pagesTotal }) => report({ done: pagesDone, total: pagesTotal }),
    }),
  )
  if (quiet) {
    terminal.json({ service, file: fromFile })
    return
  }
  terminal.line([green('✓ '), `${service} is restored`, dim('  under a new epoch')])
  terminal.line([
    yellow('! '),
    dim(
      `Who had heard more of ${service} stops and says so; \`tidings accept <who> ${service} --from kept\` lets it go on.`,
    ),
  ])
}

async function ask({ terminal }: Invocation, message: string): Promise<void> {
  if (!terminal.interactive || process.stdin.isTTY !== true)
    throw new CommandFailure('usage', 'A restore replaces a store and must be confirmed.', 'Call it with --yes.')
  const answer = await confirm({ message, initialValue: false, output: process.stderr })
  if (isCancel(answer) || !answer) throw new CommandFailure('refused', 'Nothing was changed.')
}

async function sqliteSystem(invocation: Invocation, options: SystemOptions): Promise<DeclaredSystem> {
  const declared = await loadSystem(invocation, options)
  const engine = engineName(declared.config, declared.data)
  if (engine === 'sqlite') return declared
  throw new CommandFailure(
    'refused',
    `The system ${declared.config.name} runs on ${engine}, which has no backup by this command.`,
    "Use the engine's own means.",
  )
}

// Making a driver is inert: nothing is opened.
function engineName(config: LoadedConfig, directory: string): string {
  return config.engine({ directory, log: () => {} }).name
}
