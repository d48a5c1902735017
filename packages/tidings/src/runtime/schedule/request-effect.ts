// Requests an effect within a unit of work: adds an item to the schedule that is due at once, or later.

import type { Duration } from '../../contracts/index.ts'
import { checkKey, durationMs, type EffectContract, toJson, validateLatest } from '../../contracts/index.ts'
import type { ServiceCore } from '../core/service-core.ts'
import type { Origin } from '../unit-of-work/origin.ts'
import type { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import { checkDueAt, effectQueue, keptOrigin, type ScheduledItem } from './scheduled-item.ts'
import { putItem } from './set-timer.ts'

/**
 * Requests an effect, unless `wanted` is false; returns its idempotency key. Throws `INVALID_PAYLOAD`, `PAYLOAD_…` or `INVALID_KEY`.
 */
export function requestEffect(
  core: ServiceCore,
  unit: UnitOfWork,
  origin: Origin,
  effect: EffectContract,
  input: unknown,
  options: { readonly after?: Duration; readonly wanted?: boolean } = {},
): string {
  const what = `Effect ${effect.name}`
  const data = validateLatest(effect.chain, input)
  const now = core.environment.clock.now()
  // A delay that has passed is none: then it comes in the order of the requests, like those that have no delay.
  const dueAt =
    options.after === undefined ? now : Math.max(now, checkDueAt(what, origin.occurredAt + durationMs(options.after)))
  const idempotencyKey = core.environment.ids.next()
  const item: ScheduledItem = {
    kind: 'effect',
    id: `effect/${effect.name}/${idempotencyKey}`,
    owner: effect.name,
    name: effect.name,
    key: checkKey(what, effect.keyOf(data)),
    queue: effectQueue(effect.name),
    dueAt,
    version: effect.chain.latest.version,
    data: toJson(what, data, core.service.limits),
    origin: keptOrigin(origin),
  }
  if (options.wanted ?? true) putItem(unit, item)
  return idempotencyKey
}

/** The idempotency key of an effect's item. */
export function idempotencyKeyOf(item: ScheduledItem): string {
  return item.id.slice(`effect/${item.name}/`.length)
}
