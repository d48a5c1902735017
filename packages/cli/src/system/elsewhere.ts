// Services that run with another data folder than the one that a command looks into.

import { existsSync } from 'node:fs'
import { controlClients, readRunPlaces } from '@tidings/node'
import { shellWord } from 'tidings/runtime'
import { CommandFailure } from '../usage/command-failure.ts'
import type { DeclaredSystem } from './load-system.ts'

/** Where services of a system run, if that is not in its data folder: a sentence with what to type; `undefined` if they run nowhere else. */
export function elsewhere({ config, data }: DeclaredSystem, service?: string): string | undefined {
  const names = service === undefined ? config.services.map(({ name }) => name) : [service]
  for (const place of readRunPlaces()) {
    const running = place.services.filter((name) => names.includes(name))
    // Services of another system may have the same names.
    const isOther = place.config !== undefined && place.config !== config.path
    if (isOther || running.length === 0) continue
    const verb = running.length === 1 ? 'runs' : 'run'
    if (place.data === data && !existsSync(data))
      return `${running.join(', ')} ${verb} in process ${place.pid}, and the data folder is gone: put it back, or stop the process.`
    if (place.data === data) continue
    return `${running.join(', ')} of another data folder ${verb} in process ${place.pid}: add \`--data ${shellWord(place.data)}\` to look there.`
  }
  return undefined
}

/**
 * Refuses to work on the store of a service that runs with another configuration: that one may keep the store in another place, and the file found
 * here would be another one.
 */
export async function refuseOtherConfig({ config, data }: DeclaredSystem, service: string): Promise<void> {
  for (const { run } of await controlClients(data)) {
    if (!run.services.includes(service) || run.config === undefined || run.config === config.path) continue
    throw new CommandFailure(
      'refused',
      `${service} runs in process ${run.pid} with another configuration, which may keep its store in another place.`,
      `Add \`--config ${shellWord(run.config)}\`, or stop the process.`,
    )
  }
}
