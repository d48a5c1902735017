// The service `courier`.
import { bringImpulse } from './bring-impulse.ts'
import { liveImpulses } from './live-impulses.ts'
import { postImpulse } from './post-impulse.ts'
import { courier } from './service.ts'

export default courier.with({ bringImpulse, postImpulse, liveImpulses })
