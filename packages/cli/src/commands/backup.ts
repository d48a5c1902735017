// `tidings backup` and `tidings restore`: a service's store as one file, if the driver of the configuration has backups.
// A backup can be taken while the service runs. A restore needs it stopped, and gives the store a new epoch.

import path from 'node:path'
import { confirm, isCancel } from '@clack/prompts'
import { nodeEnvironment } from '@tidings/node'
import type { Command } from 'commander'
import { type BackupProgress, backupsOf, type StoreBackups } from 'tidings/ports'
import type { Invocation, SystemOptions } from '../invocation.ts'
import { type DeclaredSystem, loadSystem, serviceNamed } from '../system/load-system.ts'
import { type Progress, withProgress } from '../terminal/progress.ts'
import { dim, green, yellow } from '../terminal/text.ts'
import { CommandFailure } from '../usage/command-failure.ts'
import { action, withSystemOptions } from './shared-options.ts'

/** Adds `backup`. */
export function addBackup(program: Command, invocation: Invocation): void {
  const command = program
    .command('backup')
    .argument('<service>', 'whose store')
    .argument('<file>', 'the file to write; must not exist')
    .description('copy a store into one file, also while it is written')
  withSystemOptions(command).action(action<SystemOptions>(invocation, backup))
}

/** Adds `restore`. */
export function addRestore(program: Command, invocation: Invocation): void {
  const command = program
    .command('restore')
    .argument('<service>', 'whose store; must be stopped')
    .argument('<file>', 'a file that `tidings backup` wrote')
    .description("put a backup in a stopped store's place")
    .option('-y, --yes', 'do not ask')
  withSystemOptions(command).action(action<SystemOptions & { yes?: boolean }>(invocation, restore))
}

async function backup(invocation: Invocation, options: SystemOptions, name = '', file = ''): Promise<void> {
  const { terminal, cwd } = invocation
  const declared = await loadSystem(invocation, options)
  const service = serviceNamed(declared, name).name
  const toFile = path.resolve(cwd, file)
  const backups = backupsIn(declared)
  const quiet = options.json === true
  await withProgress({ terminal, title: `Backing up ${service}`, unit: 'bytes', quiet }, async (report) =>
    backups.backUp({ service, toFile, onProgress: (progress) => report(counted(progress)) }),
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
  const declared = await loadSystem(invocation, options)
  const service = serviceNamed(declared, name).name
  const fromFile = path.resolve(cwd, file)
  const backups = backupsIn(declared)
  if (options.yes !== true)
    await ask(invocation, `Replace the store of ${service} by ${fromFile}? What is newer is lost.`)
  const quiet = options.json === true
  const { ids } = nodeEnvironment({ log: { level: 'silent' } })
  await withProgress({ terminal, title: `Restoring ${service}`, unit: 'bytes', quiet }, async (report) =>
    backups.restore({ service, fromFile, ids, onProgress: (progress) => report(counted(progress)) }),
  )
  if (quiet) {
    terminal.json({ service, file: fromFile })
    return
  }
  terminal.line([green('✓ '), `${service} is restored`, dim('  under a new epoch')])
  terminal.line([
    yellow('! '),
    dim(
      `A service that has read more of ${service} stops. \`tidings accept <service> ${service} --from kept\` lets it go on.`,
    ),
  ])
}

async function ask({ terminal }: Invocation, message: string): Promise<void> {
  if (!terminal.interactive || process.stdin.isTTY !== true)
    throw new CommandFailure('usage', 'A restore replaces a store and must be confirmed.', 'Call it with --yes.')
  const answer = await confirm({ message, initialValue: false, output: process.stderr })
  if (isCancel(answer) || !answer) throw new CommandFailure('refused', 'Nothing was changed.')
}

// Making a driver is inert: nothing is opened.
function backupsIn({ config, data }: DeclaredSystem): StoreBackups {
  return backupsOf(config.engine({ directory: data, log: () => {} }))
}

function counted({ bytesDone, bytesTotal }: BackupProgress): Progress {
  return { done: bytesDone, total: bytesTotal }
}
