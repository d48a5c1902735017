// `tidings simulate`: runs the configured system under faults that a seed decides. It touches no real data and nothing outside.

import { failureLines, type Run, type SimulationReport, simulate } from '@tidings/testing'
import type { Command } from 'commander'
import type { Invocation, SystemOptions } from '../invocation.ts'
import { drawReport, drawTrace, reportJson } from '../simulate/draw-report.ts'
import { enginesOf } from '../simulate/engines.ts'
import { loadSimulation } from '../simulate/load-simulation.ts'
import { loadSystem } from '../system/load-system.ts'
import { withProgress } from '../terminal/progress.ts'
import { CommandFailure } from '../usage/command-failure.ts'
import { action, wholeNumber, withJson } from './shared-options.ts'

interface SimulateOptions extends SystemOptions {
  readonly seed?: number
  readonly runs?: number
  readonly minutes?: number
  readonly simulation?: string
}

const seedMax = 2 ** 32 - 1
const defaultRuns = 100

/** Adds the command. */
export function addSimulate(program: Command, invocation: Invocation): void {
  const command = program
    .command('simulate')
    .description(
      'run the system under simulated faults: crashes, outages, full disks, zombies; a seed decides each run, no real data is touched',
    )
    .option('--config <path>', 'the configuration, or its folder', '.')
    .option('--simulation <path>', 'the simulation file, if not simulation.ts beside the configuration')
    .option(
      '--seed <number>',
      'replay the run of this seed; with --runs or --minutes, the first seed',
      wholeNumber('--seed', 0, seedMax),
    )
    .option(
      '--runs <count>',
      `how many runs; default ${defaultRuns}, 1 with a seed`,
      wholeNumber('--runs', 1, 10_000_000),
    )
    .option('--minutes <number>', 'run for so long instead', wholeNumber('--minutes', 1, 10_080))
  withJson(command).action(action<SimulateOptions>(invocation, run))
}

async function run(invocation: Invocation, options: SimulateOptions): Promise<void> {
  const { terminal, interrupted } = invocation
  const { config } = await loadSystem(invocation, options)
  const simulation = await loadSimulation(invocation, config, options.simulation)
  const quiet = options.json === true
  const replays = options.seed !== undefined && options.runs === undefined && options.minutes === undefined
  const runs = options.runs ?? (replays ? 1 : options.minutes === undefined ? defaultRuns : Number.MAX_SAFE_INTEGER)
  const timeMs = (options.minutes ?? Number.POSITIVE_INFINITY) * 60_000
  const startedAt = performance.now()
  let last: Run | undefined
  const report = await withProgress(
    { terminal, title: `Simulating ${config.name}`, unit: options.minutes === undefined ? 'runs' : 'seconds', quiet },
    (onProgress) =>
      simulate({
        services: config.services,
        ...(simulation === undefined ? {} : { simulation }),
        engines: enginesOf(config),
        seed: options.seed ?? Math.floor(Math.random() * seedMax),
        runs,
        timeMs,
        signal: interrupted,
        onRun: (played, done) => {
          last = played
          if (options.minutes === undefined) onProgress({ done, total: runs })
          else onProgress({ done: Math.floor((performance.now() - startedAt) / 1_000), total: timeMs / 1_000 })
        },
      }),
  )
  const command = replayCommand(report, options)
  if (quiet) terminal.json(reportJson(config.name, report, command))
  else {
    if (replays && last !== undefined) terminal.lines(drawTrace(last, terminal.width))
    if (report.failed !== undefined) terminal.lines(failureLines(report.failed, command))
    terminal.lines(drawReport(config.name, report, terminal.width))
  }
  if (report.failed === undefined) return
  const { checker } = report.failed.run.failure ?? { checker: 'a promise' }
  throw new CommandFailure('failed', `Seed ${report.failed.seed} breaks ${checker}.`, `Play it again: ${command}`)
}

function replayCommand({ failed, firstSeed }: SimulationReport, { config, simulation }: SimulateOptions): string {
  const where = config === undefined || config === '.' ? '' : ` --config ${config}`
  const what = simulation === undefined ? '' : ` --simulation ${simulation}`
  return `npx tidings simulate --seed ${failed?.seed ?? firstSeed}${where}${what}`
}
