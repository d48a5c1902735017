// Loads `simulation.ts` from the folder of the configuration. Without such a file, the workload is generated.

import { existsSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import type { LoadedConfig } from '@tidings/node'
import type { Simulation } from '@tidings/testing'
import { messageOfThrown } from 'tidings/errors'
import type { Invocation } from '../invocation.ts'
import { CommandFailure } from '../usage/command-failure.ts'

const names = ['simulation.ts', 'simulation.mts', 'simulation.js', 'simulation.mjs']

/** The simulation of a configuration; `undefined` if there is no such file. */
export async function loadSimulation(
  { cwd }: Invocation,
  { path: config }: LoadedConfig,
  named: string | undefined,
): Promise<Simulation | undefined> {
  const file =
    named === undefined
      ? names.map((name) => path.join(path.dirname(config), name)).find((each) => existsSync(each))
      : path.resolve(cwd, named)
  if (file === undefined) return undefined
  if (!existsSync(file))
    throw new CommandFailure('usage', `There is no file ${file}.`, 'Choose a simulation file with --simulation.')
  let loaded: { readonly default?: unknown }
  try {
    loaded = await import(pathToFileURL(file).href)
  } catch (cause) {
    throw new CommandFailure('usage', `${file} could not be run: ${messageOfThrown(cause)}`)
  }
  const simulation = loaded.default as Simulation | undefined
  if (simulation?.kind === 'simulation') return simulation
  throw new CommandFailure(
    'usage',
    `${file} exports no simulation.`,
    'Add `export default defineSimulation({ … })`, imported from @tidings/testing.',
  )
}
