// Commits whose result is on its way: the store has them, the runtime has no answer yet. A read meanwhile sees their
// rows, so its answer must cover them.

import {
  createManualClock,
  createManualTimeouts,
  createSeededRandom,
  createSequentialIds,
  memoryDriver,
} from 'tidings/memory'
import type { Store } from 'tidings/ports'
import { ServiceRuntime } from 'tidings/runtime'
import { expect, test } from 'vitest'
import { deskWith } from './notes.ts'

/** A store that commits at once and answers late: the answer waits for `release`. */
function slowToAnswer(store: Store): { readonly store: Store; hold(): void; release(): void } {
  let gate = Promise.resolve()
  let release = () => {}
  const commit: Store['commit'] = async (unit) => {
    const result = await store.commit(unit)
    await gate
    return result
  }
  return {
    store: { ...store, commit },
    hold: () => {
      gate = new Promise((resolve) => {
        release = resolve
      })
    },
    release: () => release(),
  }
}

test('the token of a recorded answer covers a commit whose result has not reached its sender yet', async () => {
  const clock = createManualClock()
  const timeouts = createManualTimeouts(clock)
  const ids = createSequentialIds()
  const environment = { clock, ids, timeouts, random: createSeededRandom(1), log: () => {} }
  const engine = await memoryDriver({ relay: false }).open(environment)
  const slow = slowToAnswer(await engine.openStore('desk'))
  const lookups = { ask: () => Promise.reject(new Error('nobody is asked')) }
  const desk = await ServiceRuntime.create(deskWith(), {
    store: slow.store,
    broker: engine.broker,
    environment,
    lookups,
  })
  const write = () => desk.command('write-note', { noteId: 'a', text: 'x' }, { idempotencyKey: 'k' })
  slow.hold()
  const first = write()
  for (let turn = 0; turn < 100; turn++) await undefined
  const again = await write()
  expect(again).toMatchObject({ replayed: true })
  slow.release()
  expect(again.token).toBe((await first).token)
  await timeouts.runUntil(desk.close())
  await engine.close()
})
