// `tidings check`: looks for damage in a service's store, also while the service runs, if the configured driver can.

import { strayStore } from '@tidings/node'
import { backupsOf } from 'tidings/ports'
import type { Invocation, SystemOptions } from '../invocation.ts'
import { refuseOtherConfig } from '../system/elsewhere.ts'
import { loadSystem, serviceNamed } from '../system/load-system.ts'
import { openLogs } from '../system/stopped-logs.ts'
import { withProgress } from '../terminal/progress.ts'
import { noteSentence } from '../terminal/sentence.ts'
import { dim, green, red, yellow } from '../terminal/text.ts'
import { countOf, countText } from '../terminal/time-text.ts'
import { CommandFailure } from '../usage/command-failure.ts'

/** Checks the store of a service; fails if it is damaged. */
export async function check(invocation: Invocation, options: SystemOptions, name = ''): Promise<void> {
  const { terminal } = invocation
  const declared = await loadSystem(invocation, options)
  const logs = await openLogs(declared)
  const strays = await logs.strays().finally(() => logs.close())
  // What belongs to no service can be checked too, before it is put away.
  const service = strays.includes(name) ? name : serviceNamed(declared, name).name
  await refuseOtherConfig(declared, service)
  const backups = backupsOf(declared.config.engine({ directory: declared.data, log: () => {} }))
  const quiet = options.json === true
  const progress = { terminal, title: `Checking ${service}`, unit: 'events and facts', quiet }
  const report = await withProgress(progress, async (onProgress) => backups.check({ service, onProgress }))
  const { eventCount, factCount, uncheckedCount, damages } = report
  for (const { what, hint } of strays.map(strayStore)) noteSentence(terminal, yellow('! '), `${what}. ${hint}`)
  if (quiet) terminal.json({ service, ...report, strays })
  else if (damages.length === 0) {
    const unchecked =
      uncheckedCount === 0 ? '' : `, ${countText(uncheckedCount)} of them from before there were checksums`
    terminal.line([
      green('✓ '),
      `${service} is undamaged`,
      dim(`  ${countOf(eventCount, 'event')} published, ${countOf(factCount, 'fact')}${unchecked}`),
    ])
  } else for (const damage of damages) terminal.line([red('✗ '), damage])
  if (!quiet && report.file !== undefined) terminal.line(['  ', dim(report.file)])
  if (damages.length > 0)
    throw new CommandFailure(
      'failed',
      `The store of ${service} is damaged.`,
      `Stop the service and restore a backup: \`tidings restore ${service} <file>\`. Keep the damaged file until you know what it still has.`,
    )
}
