// A process is paused, a successor takes over its store, and then the paused process wakes up and carries on.
// No lock keeps it out of the store here: only the fencing of its commits does.

import type { PortCall } from '../system/port-call.ts'
import type { FaultKind } from './fault.ts'

export const zombie: FaultKind = {
  name: 'zombie',
  defaultRate: 0.02,
  draw: ({ chance, services }) => ({
    fault: 'zombie',
    service: chance.pick(services).name,
    pausedMs: chance.whole(500, 60_000),
    awakeMs: chance.whole(10, 5_000),
    takenOverMs: chance.whole(0, 400),
  }),
  begin: (fault, system) => {
    const { service, pausedMs, awakeMs, takenOverMs } = fault
    const instance = system.pickInstance(service)
    const run = system.detach(instance, Number(takenOverMs))
    if (run === undefined) return
    const { lifetime } = run
    system.noteFault(fault, instance, `is paused for ${pausedMs} ms, and a successor starts`)
    const pause = Promise.withResolvers<void>()
    const hold = (portCall: PortCall) => (portCall.lifetime === lifetime ? pause.promise : undefined)
    const wake = system.intercept({ before: hold, after: hold })
    system.endAfter(Number(pausedMs), () => {
      system.world.note(instance, 'the paused process wakes up')
      wake()
      pause.resolve()
      system.endAfter(Number(awakeMs), () => {
        system.world.note(instance, 'the process that was paused is ended')
        system.runs.endDetached(run)
      })
    })
  },
  describe: ({ service, pausedMs, awakeMs }) =>
    `${service} is paused for ${pausedMs} ms while a successor starts, and wakes up for ${awakeMs} ms`,
}
