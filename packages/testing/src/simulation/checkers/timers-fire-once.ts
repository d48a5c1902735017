// P3: a timer that is set fires once, unless it is cancelled or set again before. Each time it is set, it may fire again.

import type { ServiceEvidence } from '../evidence/evidence.ts'
import { operationsOfTimers } from '../evidence/timer-operations.ts'
import type { Checker } from './checker.ts'

export const timersFireOnce: Checker = {
  name: 'timers-fire-once',
  promise: 'A timer that was set fires once, unless it is cancelled or set again before.',
  at: 'rest',
  check: ({ services, processRuns }) =>
    [...services.values()].flatMap((seen) => breachesOf(seen, processRuns.repeated)),
}

function breachesOf(seen: ServiceEvidence, repeatedOfProcesses: ReadonlySet<string>): string[] {
  const breaches: string[] = []
  const { service, timers } = seen
  const pending = new Set(timers.map(({ process: manager, timer, key }) => JSON.stringify([manager ?? '', timer, key])))
  for (const [id, operations] of operationsOfTimers(seen)) {
    const [manager, timer, key] = JSON.parse(id) as [string, string, string]
    const name = `Timer ${timer} of ${manager === '' ? '' : `${manager} `}${key} in ${service.name}`
    const isDeclared = manager === '' && service.timers[timer]?.every !== undefined
    const isRepeated = isDeclared || repeatedOfProcesses.has(`${manager} ${timer}`)
    let state: 'set' | 'repeated' | 'unset' = 'unset'
    for (const operation of operations) {
      if (operation === 'fired') {
        if (state === 'unset' && !isRepeated)
          breaches.push(`${name} fired although it was not set, or had fired already.`)
        if (state === 'set') state = 'unset'
      } else state = operation === 'cancelled' ? 'unset' : operation
    }
    if (isRepeated) continue
    if (state !== 'unset' && !pending.has(id)) breaches.push(`${name} was set, never fired, and is no longer set.`)
    if (state === 'unset' && pending.has(id)) breaches.push(`${name} is set, although it has fired or was cancelled.`)
  }
  // A recurring timer goes on whatever becomes of its runs.
  for (const [timer, { every }] of Object.entries(service.timers))
    if (every !== undefined && !pending.has(JSON.stringify(['', timer, timer])))
      breaches.push(`Timer ${timer} is declared by ${service.name}, and not set.`)
  return breaches
}
