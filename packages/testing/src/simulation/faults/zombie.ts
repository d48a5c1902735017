// A process is paused in the middle of whatever it does, loses its store to a successor, wakes up again and goes on as if nothing had been.
// A lock would keep it out of the store; here nothing does but the fence of its commits.

import type { FaultKind } from './fault.ts'
import type { Passage } from '../system/port-call.ts'

export const zombie: FaultKind = {
  name: 'zombie',
  share: 0.02,
  draw: ({ chance, services }) => ({
    fault: 'zombie',
    service: chance.pick(services).name,
    pausedMs: chance.whole(500, 60_000),
    awakeMs: chance.whole(10, 5_000),
    takenOverMs: chance.whole(0, 400),
  }),
  begin: (fault, stage) => {
    const { service, pausedMs, awakeMs, takenOverMs } = fault
    const life = stage.setAside(service, Number(takenOverMs))
    if (life === undefined) return
    stage.strike(fault, service, `is paused for ${pausedMs} ms, and succeeded`)
    const pause = Promise.withResolvers<void>()
    const hold = (passage: Passage) => (passage.life === life ? pause.promise : undefined)
    const wake = stage.intercept({ before: hold, after: hold })
    stage.endAfter(Number(pausedMs), () => {
      stage.world.note(service, 'the paused process wakes up')
      wake()
      pause.resolve()
      stage.endAfter(Number(awakeMs), () => {
        stage.world.note(service, 'the process that was paused is ended')
        life.kill()
      })
    })
  },
  describe: ({ service, pausedMs, awakeMs }) =>
    `${service} is paused for ${pausedMs} ms, succeeded, and wakes up for ${awakeMs} ms`,
}
