// The service `courier`.
import { bringImpulse } from './bring-impulse.ts'
import { postImpulse } from './post-impulse.ts'
import { courier } from './service.ts'

export default courier.with({ bringImpulse, postImpulse })
