// Instances of process managers as a table.

import type { ListedProcess } from 'tidings/operations'
import { type Column, tableLines } from '../terminal/table.ts'
import { bold, dim, green, type Text, wrapped } from '../terminal/text.ts'
import { countOf, countText, durationText } from '../terminal/time-text.ts'

const columns: readonly Column[] = [
  { title: 'process manager', fit: 'cut', widthMin: 16 },
  { title: 'key', fit: 'cut', widthMin: 12 },
  { title: 'state' },
  { title: 'run', align: 'right' },
  { title: 'steps', align: 'right' },
  { title: 'changed', align: 'right' },
]

/** Draws instances in lines of at most `width` columns. */
export function drawProcesses(
  instances: readonly ListedProcess[],
  { more, now, width }: { readonly more: boolean; readonly now: number; readonly width: number },
): readonly Text[] {
  if (instances.length === 0) return [dim('No process manager has an instance.')]
  const rows = instances.map(({ service, process, key, state, run, steps, changedAt }) => [
    [dim(`${service}/`), bold(process)],
    key,
    state === 'running' ? green(state) : dim(state),
    run === 1 ? dim('1') : countText(run),
    countText(steps),
    dim(`${durationText(Math.max(0, now - changedAt))} ago`),
  ])
  return [
    ...tableLines(columns, rows, width),
    ...(more
      ? wrapped(
          dim(
            `Showing the first ${countOf(instances.length, 'instance')}; raise --limit, or choose with --process and --state.`,
          ),
          width,
        )
      : []),
  ]
}
