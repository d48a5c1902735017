// Runs the simulation of a configuration, shows its progress, and prints the report.

import { failureLines, type Run, type SimulationReport, simulate } from '@tidings/testing'
import type { Invocation } from '../invocation.ts'
import { loadSystem } from '../system/load-system.ts'
import { withProgress } from '../terminal/progress.ts'
import { CommandFailure } from '../usage/command-failure.ts'
import { drawReport, drawTrace, reportJson } from './draw-report.ts'
import { enginesOf } from './engines.ts'
import { loadSimulation } from './load-simulation.ts'
import { defaultRuns, type SimulateOptions, seedMax } from './simulate-options.ts'

/** Runs the simulation and prints the report. */
export async function runSimulation(invocation: Invocation, options: SimulateOptions): Promise<void> {
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
        ...(options.instances === undefined ? {} : { instances: options.instances }),
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
    terminal.lines(drawReport(config.name, report, terminal.width, (seed) => commandOf(seed, options)))
  }
  if (report.failed === undefined) return
  const { checker } = report.failed.run.failure ?? { checker: 'a promise' }
  throw new CommandFailure('failed', `Seed ${report.failed.seed} breaks ${checker}.`, `Play it again: ${command}`)
}

function replayCommand({ failed, firstSeed }: SimulationReport, options: SimulateOptions): string {
  return commandOf(failed?.seed ?? firstSeed, options)
}

function commandOf(seed: number, { config, simulation, instances }: SimulateOptions): string {
  const where = config === undefined || config === '.' ? '' : ` --config ${config}`
  const what = simulation === undefined ? '' : ` --simulation ${simulation}`
  const several = instances === undefined ? '' : ` --instances ${instances}`
  return `npx tidings simulate --seed ${seed}${where}${what}${several}`
}
