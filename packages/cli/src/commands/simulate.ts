// `tidings simulate` on the command line: its arguments and options. What it does is in actions/simulate.ts, which is loaded when it runs.

import type { Command } from 'commander'
import type { Invocation } from '../invocation.ts'
import { defaultRuns, instancesMax, type SimulateOptions, seedMax } from '../simulate/simulate-options.ts'
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
    .option(
      '--instances <count>',
      'how many instances of each service there are at first, 1 to 4; default: the seed chooses',
      wholeNumber('--instances', 1, instancesMax),
    )
    .option('--minutes <number>', 'run for this many minutes instead', wholeNumber('--minutes', 1, 10_080))
  withJson(command).action(
    action<SimulateOptions>(invocation, async () => (await import('../actions/simulate.ts')).run),
  )
}
