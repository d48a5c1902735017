// `tidings simulate`: runs the configured system under faults that a seed decides. It touches no real data and nothing outside.
// Invariant: the test kit is loaded only when the command runs, so every other command works without it.

import type { Command } from 'commander'
import type { Invocation } from '../invocation.ts'
import { defaultRuns, type SimulateOptions, seedMax } from '../simulate/simulate-options.ts'
import { CommandFailure } from '../usage/command-failure.ts'
import { version } from '../version.ts'
import { action, wholeNumber, withJson } from './shared-options.ts'

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
  checkTestKit()
  const { runSimulation } = await import('../simulate/run-simulation.ts')
  await runSimulation(invocation, options)
}

/** Refuses if the test kit is not installed: it is an optional peer, since a system in production does not need it. */
function checkTestKit(): void {
  try {
    import.meta.resolve('@tidings/testing')
  } catch {
    throw new CommandFailure(
      'refused',
      '`tidings simulate` needs the package @tidings/testing, which is not installed.',
      `Type: npm install --save-dev @tidings/testing@${version}`,
    )
  }
}
