// The time of day is set forwards or back, as a correction of the system clock does.

import type { FaultKind } from './fault.ts'

export const clockJump: FaultKind = {
  name: 'clockJump',
  defaultRate: 0.01,
  draw: ({ chance }) => ({
    fault: 'clockJump',
    service: '',
    byMs: chance.pick([-1, 1]) * chance.pick([chance.whole(1, 1_000), chance.whole(1_000, 60_000), 3_600_000]),
  }),
  begin: (fault, system) => {
    const { byMs } = fault
    system.noteFault(fault, 'the clock', `jumps by ${byMs} ms`)
    system.setClock(Number(byMs))
  },
  describe: ({ byMs }) => `the clock jumps by ${byMs} ms`,
}
