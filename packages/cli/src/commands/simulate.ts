// `tidings simulate`: runs the configured system under simulated faults, chosen by a seed. It touches no real data and nothing outside.
// Invariant: the test kit is loaded only when this command runs, so all other commands work without it.

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
    .summary('run the system with simulated crashes, outages and full disks')
    .description(
      'run the system with simulated crashes, outages and full disks; a seed decides each run, and no real data is touched',
    )
    .option('--config <path>', 'the configuration file, or its folder', '.')
    .option('--simulation <path>', 'the simulation file, if not simulation.ts next to the configuration')
    .option(
      '--seed <number>',
      'repeat the run of this seed; with --runs or --minutes, start with this seed',
      wholeNumber('--seed', 0, seedMax),
    )
    .option(
      '--runs <count>',
      `how many runs; default ${defaultRuns}, or 1 with --seed`,
      wholeNumber('--runs', 1, 10_000_000),
    )
    .option('--minutes <number>', 'run for this many minutes instead', wholeNumber('--minutes', 1, 10_080))
  withJson(command).action(action<SimulateOptions>(invocation, run))
}

async function run(invocation: Invocation, options: SimulateOptions): Promise<void> {
  checkTestKit()
  const { runSimulation } = await import('../simulate/run-simulation.ts')
  await runSimulation(invocation, options)
}

/** Refuses if the test kit is not installed. It is an optional peer dependency, because production does not need it. */
function checkTestKit(): void {
  try {
    import.meta.resolve('@tidings/testing')
  } catch {
    throw new CommandFailure(
      'refused',
      '`tidings simulate` needs the package @tidings/testing, which is not installed.',
      `Install it: npm install --save-dev @tidings/testing@${version}`,
    )
  }
}
