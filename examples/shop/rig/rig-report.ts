// The report of a run of the rig, as data and as text.
import { type CrashPoint, type FaultCounts, type FaultKind, findingsOf, type Verdict } from '@tidings/testing/rig'

/** The report of a run. */
export interface RigReport {
  readonly seed: number
  readonly durationMs: number
  readonly commands: {
    readonly sent: number
    readonly answered: number
    /** Commands whose senders gave up; they may have been executed, once. */
    readonly unanswered: number
    /** Commands that were sent again after an answer. */
    readonly repeated: number
  }
  readonly events: number
  readonly effects: { readonly performed: number; readonly distinct: number }
  readonly faults: FaultCounts
  /** The number of crashes at each crash point. */
  readonly crashes: Readonly<Record<string, number>>
  /** Crash points that were never hit, and kinds of faults that never came. They were not tested, so the run fails. */
  readonly neverHit: readonly (CrashPoint | FaultKind)[]
  readonly verdict: Verdict
}

const rowsShown = 20

/** Whether a run found nothing, hit every crash point and saw every kind of fault. */
export function passed({ neverHit, verdict }: RigReport): boolean {
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
    `  crash points ${total} crashes at ${Object.keys(crashes).length} points`,
    ...inColumns(named(crashes)),
    ...(neverHit.length === 0 ? [] : [`  never hit    ${neverHit.join(', ')}`]),
    ...rows,
    passed(report) ? 'PASSED: every crash point was hit, every kind of fault came, and nothing was found.' : 'FAILED.',
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
