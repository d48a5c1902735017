// What a run of the rig came to, as data and as words.
import { type CrashPoint, type FaultCounts, findingsOf, type Verdict } from '@tidings/testing/rig'

/** What a run came to. */
export interface RigReport {
  readonly seed: number
  readonly durationMs: number
  readonly commands: {
    readonly sent: number
    readonly answered: number
    /** Their senders gave up: they may have been carried out, once. */
    readonly unanswered: number
    /** Sent again after they had been answered. */
    readonly repeated: number
  }
  readonly events: number
  readonly effects: { readonly performed: number; readonly distinct: number }
  readonly faults: FaultCounts
  /** How often processes died at each crash point. */
  readonly crashes: Readonly<Record<string, number>>
  /** Crash points that were never hit: the run says nothing of them, and fails. */
  readonly neverHit: readonly CrashPoint[]
  readonly verdict: Verdict
}

const rowsShown = 20

/** Whether a run found nothing, and hit everything. */
export function isSound({ neverHit, verdict }: RigReport): boolean {
  return neverHit.length === 0 && findingsOf(verdict) === 0
}

/** A report for people. */
export function reportText(report: RigReport): string {
  const { seed, durationMs, commands, events, effects, faults, crashes, neverHit, verdict } = report
  const total = Object.values(crashes).reduce((sum, count) => sum + count, 0)
  const named = (counts: object) => Object.entries(counts).map(([name, count]) => `${name} ${count}`)
  const rows = Object.entries(verdict).flatMap(([kind, found]: [string, readonly string[]]) => [
    `  ${kind.padEnd(12)} ${found.length}`,
    ...found.slice(0, rowsShown).map((row) => `    ${row}`),
    ...(found.length > rowsShown ? [`    … and ${found.length - rowsShown} more`] : []),
  ])
  return `${[
    `Seed ${seed}, ${Math.round(durationMs / 1_000)} s`,
    `  commands     ${named(commands).join(', ')}`,
    `  events       ${events}`,
    `  effects      ${named(effects).join(', ')}`,
    `  faults       ${named(faults).join(', ')}`,
    `  crash points ${total} deaths at ${Object.keys(crashes).length} points`,
    ...inColumns(named(crashes)),
    ...(neverHit.length === 0 ? [] : [`  never hit    ${neverHit.join(', ')}`]),
    ...rows,
    isSound(report) ? 'Sound: every point was hit, and nothing was found.' : 'NOT SOUND.',
  ].join('\n')}\n`
}

function inColumns(words: readonly string[]): readonly string[] {
  const lines: string[] = []
  for (let at = 0; at < words.length; at += 4) {
    const columns = words.slice(at, at + 4).map((word) => word.padEnd(26))
    lines.push(`    ${columns.join('').trimEnd()}`)
  }
  return lines
}
