// Many stores in one process: each takes few file descriptors, before and after its WAL was checkpointed.

import { existsSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
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
  const folder = temporaryFolder()
  const engine = await openEngine(folder, { checkpointIntervalMs: 1 })
  const names = Array.from({ length: storeCount }, (_, number) => `service-${number}`)
  const stores = await Promise.all(names.map((name) => engine.openStore(name)))
  expect(openCount() - before).toBeLessThanOrEqual(4 * storeCount + sharedMax)
  let most = 0
  // The thread starts at the fiftieth commit. Once it has moved pages of every file, it has had each of them open.
  const isMoved = (name: string) => statSync(path.join(folder, `${name}.db`)).size > 12 * 4_096
  for (let number = 0; number < 60 || (!names.every(isMoved) && number < 5_000); number++) {
    await Promise.all(
      stores.map((store, index) => store.commit(publish(event(`e${number}`, { source: names[index] ?? '' })))),
    )
    await setImmediate()
    most = Math.max(most, openCount() - before)
  }
  expect(most).toBeGreaterThanOrEqual(5 * storeCount)
  expect(most).toBeLessThanOrEqual(5 * storeCount + sharedMax)
})
