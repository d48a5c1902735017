// What follows when a function has returned: its unique values are reserved, and its events completed. Then its unit can be committed.

import { claimUniques } from '../tables/claim-uniques.ts'
import { finishUnit } from '../unit-of-work/finish-unit.ts'
import type { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import type { ServiceCore } from './service-core.ts'

/**
 * Completes what a function has written in a unit; throws a rejection if a unique value is taken, or `PAYLOAD_TOO_LARGE`.
 *
 * @returns a promise only if there is something to read: most functions write no unique values and publish no state.
 */
export function finishFunction(core: ServiceCore, unit: UnitOfWork): Promise<void> | undefined {
  const { contracts, service, uniqueTables } = core
  const { publishCountMax } = service.limits
  const claimed = claimUniques(unit, uniqueTables)
  return claimed === undefined
    ? finishUnit(unit, contracts, publishCountMax)
    : claimed.then(() => finishUnit(unit, contracts, publishCountMax))
}
