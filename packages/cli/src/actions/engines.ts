// `tidings engines`: the engine of a system, and what its administrator sets up. Nothing is opened: the text comes from the declarations alone.

import { eventLogReads } from 'tidings/operations'
import type { Invocation, SystemOptions } from '../invocation.ts'
import { loadSystem } from '../system/load-system.ts'
import { CommandFailure } from '../usage/command-failure.ts'

/** Prints the name of the engine and of its setup, or with `wanted` the setup. */
export async function showEngines(invocation: Invocation, options: SystemOptions, wanted?: string): Promise<void> {
  const { terminal } = invocation
  const { config, data } = await loadSystem(invocation, options)
  // Making a driver opens nothing.
  const { name, setup } = config.engine({ directory: data, log: () => {} })
  if (wanted === undefined) {
    if (options.json === true) terminal.json({ engine: name, setup: setup?.name ?? null })
    else
      terminal.lines([`engine  ${name}`, ...(setup === undefined ? [] : [`setup   npx tidings engines ${setup.name}`])])
    return
  }
  if (setup?.name !== wanted)
    throw new CommandFailure(
      'notFound',
      `The engine ${name} has no setup ${JSON.stringify(wanted)}.`,
      setup === undefined ? 'There is nothing to set up for it.' : `Available: ${setup.name}.`,
    )
  const services = config.services.map((service) => service.name)
  const text = setup.text(services, eventLogReads(config.services))
  if (options.json === true) terminal.json({ engine: name, setup: setup.name, text })
  else terminal.lines(text.trimEnd().split('\n'))
}
