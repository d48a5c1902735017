// What the simulator has found in Tidings itself, each with the schedule it was made small to.

import { expect, test } from 'vitest'
import { memoryEngines, parseTraceLine, playSchedule, type Schedule } from '../../src/index.ts'
import { letters } from './letters-system.ts'

// Found by seed 14 of the shop: the relay heard only of commits that were told as committed, and left the others in the outbox until it
// looked again by itself.
test('P2: a commit that was applied but told as failed is relayed at once', async () => {
  const sent = { service: 'post', command: 'send-letter', input: { to: 'ann', text: 'hello' } }
  const step = { ...sent, lane: undefined, occurredAt: undefined, principal: undefined }
  const schedule: Schedule = {
    seed: 14,
    actions: [
      { kind: 'fault', fault: { fault: 'ambiguousCommit', service: 'post', applied: true, nth: 1 }, afterMs: 100 },
      { kind: 'command', step, number: 1, again: false, afterMs: 0 },
      { kind: 'fault', fault: { fault: 'clockJump', service: '', byMs: 1 }, afterMs: 2_000 },
    ],
  }
  const engines = memoryEngines.filter(({ relay }) => relay)
  const run = await playSchedule(schedule, { services: letters(), engines })
  expect(run.failure).toBeUndefined()
  expect(run.faults.get('ambiguousCommit')).toBe(1)
  const filed = run.trace.map(parseTraceLine).find(({ what }) => what.includes('event mail.letter-filed ann'))
  expect(filed?.atMs, 'not only when the relay looks again').toBeLessThan(1_000)
})
