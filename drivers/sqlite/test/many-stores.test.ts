// Many stores in one process: each takes few file descriptors, before and after its WAL was checkpointed.

import { existsSync, readdirSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { event, publish } from './processes/units.ts'
import { openEngine, temporaryFolder } from './test-engine.ts'

const descriptors = '/proc/self/fd'
const storeCount = 40
/** What the checkpointing thread may have open besides: a WAL each of as many files as it keeps open. */
const sharedMax = 16 + 9

test.skipIf(!existsSync(descriptors))('P11: a store takes at most five file descriptors', async () => {
  const openCount = () => readdirSync(descriptors).length
  const before = openCount()
  const engine = await openEngine(temporaryFolder(), { checkpointIntervalMs: 1 })
  const names = Array.from({ length: storeCount }, (_, number) => `service-${number}`)
  const stores = await Promise.all(names.map((name) => engine.openStore(name)))
  expect(openCount() - before).toBeLessThanOrEqual(4 * storeCount + sharedMax)
  let most = 0
  // The thread starts at the fiftieth commit, and its first checkpoint of a file takes a descriptor for good.
  for (let number = 0; number < 60 || (most < 5 * storeCount && number < 2_000); number++) {
    await Promise.all(
      stores.map((store, index) => store.commit(publish(event(`e${number}`, { source: names[index] ?? '' })))),
    )
    await setImmediate()
    most = Math.max(most, openCount() - before)
  }
  expect(most).toBeGreaterThanOrEqual(5 * storeCount)
  expect(most).toBeLessThanOrEqual(5 * storeCount + sharedMax)
})
