// `tidings simulate`: runs the configured system under simulated faults, chosen by a seed. It touches no real data and nothing outside.
// Invariant: the test kit is loaded only when this command runs, so all other commands work without it.

import type { Invocation } from '../invocation.ts'
import type { SimulateOptions } from '../simulate/simulate-options.ts'
import { CommandFailure } from '../usage/command-failure.ts'
import { version } from '../version.ts'

/** Runs the simulation. */
export async function run(invocation: Invocation, options: SimulateOptions): Promise<void> {
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
