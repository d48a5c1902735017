// Every kind of fault, in one list.

import { ambiguousCommit } from './ambiguous-commit.ts'
import { brokerDown } from './broker-down.ts'
import { clockJump } from './clock-jump.ts'
import { crash } from './crash.ts'
import { cutOff } from './cut-off.ts'
import { delay } from './delay.ts'
import { deploy } from './deploy.ts'
import { diskFull } from './disk-full.ts'
import { failingHandler } from './failing-handler.ts'
import type { FaultKind, FaultName, FaultRates } from './fault.ts'
import { hangingHandler } from './hanging-handler.ts'
import { pause } from './pause.ts'
import { rebuild } from './rebuild.ts'
import { redelivery } from './redelivery.ts'
import { reordering } from './reordering.ts'
import { rollout } from './rollout.ts'
import { scale } from './scale.ts'
import { serviceDown } from './service-down.ts'
import { slowConsumer } from './slow-consumer.ts'
import { zombie } from './zombie.ts'

/** Every kind of fault. The order is fixed: what a seed draws depends on it. */
export const faultKinds: readonly FaultKind[] = [
  crash,
  redelivery,
  reordering,
  delay,
  brokerDown,
  serviceDown,
  diskFull,
  ambiguousCommit,
  zombie,
  clockJump,
  slowConsumer,
  failingHandler,
  rebuild,
  hangingHandler,
  cutOff,
  pause,
  scale,
  rollout,
  deploy,
]

/** How often each fault begins by default. */
export const defaultFaults = Object.fromEntries(
  faultKinds.map(({ name, defaultRate }) => [name, defaultRate]),
) as unknown as FaultRates

/** The kind of a fault; throws a `RangeError` if there is none of that name. */
export function kindOf(name: FaultName): FaultKind {
  const kind = faultKinds.find((each) => each.name === name)
  if (kind === undefined) throw new RangeError(`There is no fault ${name}.`)
  return kind
}
