// The report of a simulation as text or JSON, and the trace of a run as a table.

import {
  describeAction,
  parseTraceLine,
  type Run,
  type SimulationReport,
  simulationCrashPoints,
} from '@tidings/testing'
import { tableLines } from '../terminal/table.ts'
import { bold, dim, green, red, type Text, wrapped, yellow } from '../terminal/text.ts'
import { countOf, countText, durationText } from '../terminal/time-text.ts'

/** The report as text. */
export function drawReport(
  name: string,
  report: SimulationReport,
  width: number,
  replay: (seed: number) => string,
): readonly Text[] {
  const { runs, events, commands, outcomes, elapsedMs, failed, faults, engines, firstSeed } = report
  const headline: Text =
    failed === undefined
      ? [green('✓ '), `${countOf(runs, 'run')} of ${name}, no promise broken${inconclusiveText(report)}`]
      : [red('✗ '), `${countOf(runs, 'run')} of ${name}, the last one broke a promise`]
  const seeds = runs === 1 ? `seed ${firstSeed}` : `seeds ${firstSeed} to ${(firstSeed + Math.max(0, runs - 1)) >>> 0}`
  const counted = Object.entries(faults).filter(([fault]) => !fault.startsWith('crash '))
  const countAt = (point: string, moment: string) => faults[`crash ${moment} ${point}`] ?? 0
  const crashes = simulationCrashPoints
    .map((point) => ({ point, before: countAt(point, 'before'), after: countAt(point, 'after') }))
    .filter(({ before, after }) => before + after > 0)
  const answers = Object.entries(outcomes).map(([outcome, count]) => `${countText(count)} ${outcome}`)
  return [
    ...report.inconclusive.flatMap(({ seed, engine, reason }) =>
      wrapped(
        [
          yellow('! '),
          `Seed ${seed} is inconclusive: the machine was too slow for ${engine} (${reason.split('\n')[0]}). Play it again: ${replay(seed)}`,
        ],
        width,
      ),
    ),
    '',
    [bold(headline), dim(`  ${seeds}`)],
    dim(`  ${countOf(commands, 'command')}${answers.length === 0 ? '' : `: ${answers.join(' · ')}`}`),
    dim(`  ${countOf(events, 'event')} in ${durationText(elapsedMs)}: ${countText(perSecond(report))} events a second`),
    dim(
      `  ${Object.entries(engines)
        .map(([engine, count]) => `${engine} ${countText(count)}`)
        .join(' · ')}`,
    ),
    ...instancesLines(report),
    ...(counted.length === 0 ? [] : ['', bold('Faults that occurred')]),
    ...tableLines(
      [{ align: 'right' }, {}],
      counted.map(([fault, count]): readonly Text[] => [countText(count), fault]),
      width,
    ),
    ...(crashes.length === 0 ? [] : ['']),
    ...tableLines(
      [{ title: 'before', align: 'right' }, { title: 'after', align: 'right' }, { title: 'crashes at' }],
      crashes.map(({ point, before, after }): readonly Text[] => [countText(before), countText(after), point]),
      width,
    ),
  ]
}

// Nothing is said about instances if no run had several.
function instancesLines({ instances }: SimulationReport): readonly Text[] {
  const counts = Object.entries(instances)
  if (counts.every(([instancesCount]) => instancesCount === '1')) return []
  const shown = counts.map(([count, runs]) => `${countOf(Number(count), 'instance')} ${countText(runs)}`)
  return [dim(`  each service at first with ${shown.join(' · ')}`)]
}

/** The trace of a run as a table. */
export function drawTrace({ trace }: Run, width: number): readonly Text[] {
  const rows = trace.map(parseTraceLine).map(({ atMs, who, what }): readonly Text[] => {
    const text = what.replace(/\s+/g, ' ')
    return [dim(`${countText(Math.round(atMs))} ms`), who, text.startsWith('FAULT') ? yellow(text) : text]
  })
  return tableLines([{ title: 'time', align: 'right' }, { title: 'who' }, { title: 'what', fit: 'cut' }], rows, width)
}

/** The report as JSON. */
export function reportJson(name: string, report: SimulationReport, command: string): unknown {
  const { failed, ...rest } = report
  const failure = failed?.smallest.failure
  return {
    name,
    ...rest,
    elapsedMs: Math.round(report.elapsedMs),
    eventsPerSecond: perSecond(report),
    failed:
      failed === undefined || failure === undefined
        ? null
        : {
            seed: failed.seed,
            engine: failed.engine,
            instances: failed.smallest.schedule.instances ?? 1,
            clocksDiffer: failed.smallest.schedule.clocksDiffer ?? false,
            replays: failed.replays,
            checker: failure.checker,
            promise: failure.promise,
            breaches: failure.breaches,
            step: failure.step,
            schedule: failed.smallest.schedule.actions.map(describeAction),
            trace: failed.smallest.trace,
            command,
          },
  }
}

function inconclusiveText({ inconclusive }: SimulationReport): string {
  return inconclusive.length === 0 ? '' : `, ${inconclusive.length} inconclusive`
}

function perSecond({ events, elapsedMs }: SimulationReport): number {
  return elapsedMs === 0 ? 0 : Math.round((events / elapsedMs) * 1_000)
}
