// Services that run with another data folder than the one that a command looks into.

import { readRunPlaces } from '@tidings/node'
import { shellWord } from '../terminal/shell-word.ts'
import type { DeclaredSystem } from './load-system.ts'

/** Where services of a system run, if that is not in its data folder: a sentence with what to type; `undefined` if they run nowhere else. */
export function elsewhere({ config, data }: DeclaredSystem, service?: string): string | undefined {
  const names = service === undefined ? config.services.map(({ name }) => name) : [service]
  for (const place of readRunPlaces()) {
    const running = place.services.filter((name) => names.includes(name))
    if (place.data === data || running.length === 0) continue
    return `${running.join(', ')} of another data folder ${running.length === 1 ? 'runs' : 'run'} in process ${place.pid}: add \`--data ${shellWord(place.data)}\` to look there.`
  }
  return undefined
}
