// A failed run as text: the promise, the smallest schedule, the last events as a table, and the command that replays it.

import { describeAction } from '../schedule/schedule.ts'
import type { FailedRun } from '../search/simulate.ts'

/** A line of the trace, in its parts. */
export interface TraceLine {
  /** Simulated milliseconds since the start. */
  readonly atMs: number
  readonly who: string
  readonly what: string
}

const linesMax = 30
const breachesMax = 5

/** The text of a failed run, line by line. `command` is the command that replays it. */
export function failureLines({ seed, engine, run, replays, smallest }: FailedRun, command: string): readonly string[] {
  const { failure } = smallest
  if (failure === undefined) return []
  const { actions } = smallest.schedule
  const when =
    failure.step === 'rest' ? 'once everything had settled' : `after step ${failure.step} of ${actions.length}`
  const { instances = 1, clocksDiffer } = smallest.schedule
  const several =
    instances === 1
      ? ''
      : `, ${instances} instances of each service${clocksDiffer ? ' on hosts whose clocks differ' : ''}`
  const more = failure.breaches.length - breachesMax
  return [
    `Seed ${seed} breaks a promise: ${failure.promise}  (${failure.checker}, ${when}, on ${engine}${several})`,
    '',
    ...failure.breaches.slice(0, breachesMax).map((breach) => `  ${breach}`),
    ...(more > 0 ? [`  … and ${more} more`] : []),
    '',
    ...(replays
      ? [
          `The smallest schedule that still fails has ${count(actions.length, 'step')} of ${run.schedule.actions.length}:`,
        ]
      : [
          'The same schedule did not fail in the same way again: a function keeps something outside of its store, or reads the time or',
          'random numbers by itself; on files, the disk may have been the reason. So the schedule could not be shrunk:',
        ]),
    '',
    ...table(actions.map((action, index) => [`${index + 1}`, `+${action.afterMs} ms`, describeAction(action)])),
    '',
    `Its last events:`,
    '',
    ...table(lastLines(smallest.trace).map(({ atMs, who, what }) => [`${Math.round(atMs)} ms`, who, what])),
    '',
    `Play it again: ${command}`,
  ]
}

function lastLines(trace: readonly string[]): readonly TraceLine[] {
  // After the faults have ended, the trace shows little but settling.
  const stopped = trace.findIndex((line) => line.endsWith('the world: faults stop'))
  const ended = trace.findIndex((line) => line.endsWith('the world: the run ends'))
  const last = ended < 0 ? trace.length : ended
  const end = stopped < 0 ? last : Math.min(last, stopped + linesMax / 3)
  return trace.slice(Math.max(0, end - linesMax), end).map(parseTraceLine)
}

/** Parses a line of the trace. */
export function parseTraceLine(line: string): TraceLine {
  const [, atMs = '0', who = '', what = line] = /^\+([\d.]+) ms ([^:]+): ([\s\S]*)$/.exec(line) ?? []
  return { atMs: Number(atMs), who, what }
}

function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = [0, 1].map((column) => Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map(([first = '', second = '', third = '']) =>
    `  ${first.padStart(widths[0] ?? 0)}  ${second.padEnd(widths[1] ?? 0)}  ${third.replace(/\s+/g, ' ')}`.trimEnd(),
  )
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`
}
