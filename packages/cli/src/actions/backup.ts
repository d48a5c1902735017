// `tidings backup` and `tidings restore`: a service's store as one file, if the configured driver has backups.
// A backup can be taken while the service runs. A restore needs the service stopped, and begins a new epoch of the store.

import path from 'node:path'
import { nodeEnvironment } from '@tidings/node'
import { type BackupProgress, backupsOf, type StoreBackups } from 'tidings/ports'
import type { CommandInvocation, Invocation, SystemOptions } from '../invocation.ts'
import { refuseOtherConfig } from '../system/elsewhere.ts'
import { type DeclaredSystem, loadSystem, serviceNamed } from '../system/load-system.ts'
import { type Progress, withProgress } from '../terminal/progress.ts'
import { dim, green, yellow } from '../terminal/text.ts'
import { CommandFailure } from '../usage/command-failure.ts'

/** Copies the store of a service into a file. */
export async function backup(invocation: Invocation, options: SystemOptions, name = '', file = ''): Promise<void> {
  const { terminal, cwd } = invocation
  const declared = await loadSystem(invocation, options)
  const service = serviceNamed(declared, name).name
  const toFile = path.resolve(cwd, file)
  await refuseOtherConfig(declared, service)
  const backups = backupsIn(declared)
  const quiet = options.json === true
  await withProgress({ terminal, title: `Backing up ${service}`, unit: 'bytes', quiet }, async (report) =>
    backups.backUp({ service, toFile, onProgress: (progress) => report(counted(progress)) }),
  )
  if (quiet) terminal.json({ service, file: toFile })
  else terminal.line([green('✓ '), `${service} is backed up`, dim(`  ${toFile}`)])
}

/** Replaces the store of a stopped service. */
export async function restore(
  invocation: CommandInvocation,
  options: SystemOptions & { yes?: boolean },
  name = '',
  file = '',
): Promise<void> {
  const { terminal, cwd, complete } = invocation
  const declared = await loadSystem(invocation, options)
  const service = serviceNamed(declared, name).name
  const fromFile = path.resolve(cwd, file)
  await refuseOtherConfig(declared, service)
  const backups = backupsIn(declared)
  if (options.yes !== true)
    await ask(invocation, `Replace the store of ${service} with ${fromFile}? Everything newer than the backup is lost.`)
  const quiet = options.json === true
  const { ids } = nodeEnvironment({ log: { level: 'silent' } })
  await withProgress({ terminal, title: `Restoring ${service}`, unit: 'bytes', quiet }, async (report) =>
    backups.restore({ service, fromFile, ids, onProgress: (progress) => report(counted(progress)) }),
  )
  if (quiet) {
    terminal.json({ service, file: fromFile })
    return
  }
  terminal.line([green('✓ '), `${service} is restored`, dim('  a new epoch of its store begins')])
  terminal.line([
    yellow('! '),
    dim(
      complete(
        `A service that has read newer events of ${service} stops. Resume it with \`tidings accept <service> ${service} --from kept\`.`,
      ),
    ),
  ])
}

async function ask({ terminal }: Invocation, message: string): Promise<void> {
  if (!terminal.interactive || process.stdin.isTTY !== true)
    throw new CommandFailure('usage', 'A restore replaces the store and needs your confirmation.', 'Add --yes.')
  const { confirm, isCancel } = await import('@clack/prompts')
  const answer = await confirm({ message, initialValue: false, output: process.stderr })
  if (isCancel(answer) || !answer) throw new CommandFailure('refused', 'Nothing was changed.')
}

// Making a driver opens nothing.
function backupsIn({ config, data }: DeclaredSystem): StoreBackups {
  return backupsOf(config.engine({ directory: data, log: () => {} }))
}

function counted({ bytesDone, bytesTotal }: BackupProgress): Progress {
  return { done: bytesDone, total: bytesTotal }
}
