// Every kind of fault.

import type { FaultKind, FaultKnobs, FaultName } from './fault.ts'
import { ambiguousCommit } from './ambiguous-commit.ts'
import { brokerDown } from './broker-down.ts'
import { clockJump } from './clock-jump.ts'
import { crash } from './crash.ts'
import { delay } from './delay.ts'
import { diskFull } from './disk-full.ts'
import { failingHandler } from './failing-handler.ts'
import { rebuild } from './rebuild.ts'
import { redelivery } from './redelivery.ts'
import { reordering } from './reordering.ts'
import { serviceDown } from './service-down.ts'
import { slowConsumer } from './slow-consumer.ts'
import { zombie } from './zombie.ts'

/** Every kind of fault, in a fixed order: draws depend on it. */
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
]

/** How often each fault is begun, where nobody says otherwise. */
export const usualFaults = Object.fromEntries(
  faultKinds.map(({ name, share }) => [name, share]),
) as unknown as FaultKnobs

/** The kind of a fault. */
export function kindOf(name: FaultName): FaultKind {
  const kind = faultKinds.find((each) => each.name === name)
  if (kind === undefined) throw new RangeError(`There is no fault ${name}.`)
  return kind
}
