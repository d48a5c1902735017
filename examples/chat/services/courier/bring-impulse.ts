// An impulse is due: posts it, or drops it if courier was not running and it is too late now.
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
    const why = `It was ${Math.round(lateMs / 60_000)} minutes late because courier was not running.`
    publish(ImpulseDropped, { ...which, why })
  },
)
