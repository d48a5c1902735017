// An impulse is due: it is brought, unless it comes too late to be worth anything, because courier was not running.
import { ImpulseDue } from '../impulses/contract.ts'
import { ImpulseDropped } from './contract.ts'
import { PostImpulse } from './post-impulse.ts'
import { courier } from './service.ts'

export const bringImpulse = courier.on(
  ImpulseDue,
  { publishes: [ImpulseDropped], requests: [PostImpulse] },
  ({ dueAt, patienceSeconds, ...impulse }, { request, publish, now }) => {
    const lateMs = now().getTime() - Date.parse(dueAt)
    if (lateMs <= patienceSeconds * 1_000) {
      request(PostImpulse, impulse)
      return
    }
    const { text: _, aboutMessageId: __, ...which } = impulse
    const why = `It came ${Math.round(lateMs / 60_000)} minutes late: courier was not running.`
    publish(ImpulseDropped, { ...which, why })
  },
)
