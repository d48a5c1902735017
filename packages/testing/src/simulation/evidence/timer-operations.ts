// The operations on each timer, in the order of their commits.

import type { TimerOperation } from '../instrumentation/operations.ts'
import type { ServiceEvidence } from './evidence.ts'

/** The operations on each timer, by `[process, timer, key]` as JSON; the process is empty for the service's own timers. */
export function operationsOfTimers({
  instances,
  executions,
}: ServiceEvidence): ReadonlyMap<string, readonly TimerOperation['operation'][]> {
  const operations = new Map<string, TimerOperation['operation'][]>()
  const note = (id: string, operation: TimerOperation['operation']) =>
    operations.set(id, [...(operations.get(id) ?? []), operation])
  const ofService = executions.flatMap(({ revision, timers }) =>
    timers.map((operation) => ({ revision, ...operation })),
  )
  ofService.sort((a, b) => a.revision - b.revision || a.order - b.order)
  for (const { timer, key, operation } of ofService) note(JSON.stringify(['', timer, key]), operation)
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
  return operations
}
