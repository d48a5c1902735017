// P3: a timer that is set fires once, unless it is cancelled or set anew before; whoever sets it again may hear it again.

import type { Checker } from './checker.ts'
import type { SeenService } from '../evidence/evidence.ts'
import { deedsOfTimers } from '../evidence/timer-operations.ts'

export const timersFireOnce: Checker = {
  name: 'timers-fire-once',
  promise: 'A timer that was set fires once, unless it is cancelled or set anew before.',
  at: 'rest',
  check: ({ services, processRuns }) =>
    [...services.values()].flatMap((seen) => breachesOf(seen, processRuns.repeated)),
}

function breachesOf(seen: SeenService, repeatedOfProcesses: ReadonlySet<string>): string[] {
  const breaches: string[] = []
  const { service, timers } = seen
  const pending = new Set(timers.map(({ process: manager, timer, key }) => JSON.stringify([manager ?? '', timer, key])))
  for (const [id, deeds] of deedsOfTimers(seen)) {
    const [manager, timer, key] = JSON.parse(id) as [string, string, string]
    const name = `Timer ${timer} of ${manager === '' ? '' : `${manager} `}${key} in ${service.name}`
    const isRepeated = repeatedOfProcesses.has(`${manager} ${timer}`)
    let standing: 'set' | 'repeated' | 'unset' = 'unset'
    for (const deed of deeds) {
      if (deed === 'fired') {
        if (standing === 'unset' && !isRepeated) breaches.push(`${name} fired and was not set, or had fired before.`)
        if (standing === 'set') standing = 'unset'
      } else standing = deed === 'cancelled' ? 'unset' : deed
    }
    if (isRepeated) continue
    if (standing !== 'unset' && !pending.has(id))
      breaches.push(`${name} was set, never fired, and is not set any more.`)
    if (standing === 'unset' && pending.has(id))
      breaches.push(`${name} is set, although it has fired or was cancelled.`)
  }
  return breaches
}
