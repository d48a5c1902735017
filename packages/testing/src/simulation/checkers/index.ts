// Every checker.

import { atomic } from './atomic.ts'
import type { Checker } from './checker.ts'
import { commandsEndWell } from './commands-end-well.ts'
import { effectsEndOnce } from './effects-end-once.ts'
import { noPublicationDuringRebuild } from './no-publication-during-rebuild.ts'
import { nothingLost } from './nothing-lost.ts'
import { onceInEffect } from './once-in-effect.ts'
import { onlyItsKeyWaits } from './only-its-key-waits.ts'
import { orderPerKey } from './order-per-key.ts'
import { outboxDrains } from './outbox-drains.ts'
import { parkedKeysHoldOrder } from './parked-keys-hold-order.ts'
import { projectionEqualsFold } from './projection-equals-fold.ts'
import { replicaConverges } from './replica-converges.ts'
import { timersFireOnce } from './timers-fire-once.ts'

/** Every checker, in the order in which they judge. */
export const checkers: readonly Checker[] = [
  parkedKeysHoldOrder,
  onlyItsKeyWaits,
  outboxDrains,
  commandsEndWell,
  nothingLost,
  onceInEffect,
  orderPerKey,
  timersFireOnce,
  effectsEndOnce,
  atomic,
  replicaConverges,
  projectionEqualsFold,
  noPublicationDuringRebuild,
]
