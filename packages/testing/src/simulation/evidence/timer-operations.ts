// What was done with each timer, in the order in which it was committed.

import type { TimerDeed } from '../instrumentation/operations.ts'
import type { SeenService } from './evidence.ts'

/** What was done with each timer, by `[process, timer, key]` as JSON; the process is empty for the service's own. */
export function deedsOfTimers({
  instances,
  witnesses,
}: SeenService): ReadonlyMap<string, readonly TimerDeed['deed'][]> {
  const deeds = new Map<string, TimerDeed['deed'][]>()
  const note = (id: string, deed: TimerDeed['deed']) => deeds.set(id, [...(deeds.get(id) ?? []), deed])
  const ofService = witnesses.flatMap(({ revision, timers }) => timers.map((deed) => ({ revision, ...deed })))
  ofService.sort((a, b) => a.revision - b.revision || a.order - b.order)
  for (const { timer, key, deed } of ofService) note(JSON.stringify(['', timer, key]), deed)
  for (const { process: manager, key, steps } of instances) {
    const idOf = (timer: string) => JSON.stringify([manager, timer, key])
    const set = new Set<string>()
    for (const { input, timers, ended } of steps) {
      if (input.kind === 'timer') note(idOf(input.name), 'fired')
      for (const { name, dueAt } of timers) {
        note(idOf(name), dueAt === undefined ? 'cancelled' : 'set')
        set.add(name)
      }
      // An instance that has ended has no timers any more.
      if (ended === true) for (const name of set) note(idOf(name), 'cancelled')
    }
  }
  return deeds
}
