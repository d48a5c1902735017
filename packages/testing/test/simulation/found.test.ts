// Bugs that the simulator has found in Tidings itself, each with its shrunk schedule.

import { expect, test } from 'vitest'
import { type Action, type Fault, memoryEngines, parseTraceLine, playSchedule, type Schedule } from '../../src/index.ts'
import { letters } from './letters-system.ts'

// Found by seed 14 of the shop: the relay was woken only by commits that were reported as committed, and left the others in the outbox until
// its next poll.
test('P2: a commit that was applied but reported as failed is relayed at once', async () => {
  const sent = { service: 'post', command: 'send-letter', input: { to: 'ann', text: 'hello' } }
  const step = { ...sent, sequence: undefined, occurredAt: undefined, principal: undefined }
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

const asked = (number: number, service: string, command: string, input: object): Action => ({
  ...{ kind: 'command', number, again: false, afterMs: 0 },
  step: { service, command, input, sequence: undefined, occurredAt: undefined, principal: undefined },
})
const toAnn = (number: number) => asked(number, 'post', 'send-letter', { to: 'ann', text: `letter ${number}` })
const waits = (waitMs: number): Action => ({ kind: 'wait', waitMs, afterMs: 0 })
const begins = (fault: Fault): Action => ({ kind: 'fault', fault, afterMs: 0 })
const rebuildOf = (readModel: string) => begins({ fault: 'rebuild', service: 'desk', readModel })
const rebuilds = rebuildOf('counts')
const notRelayed = memoryEngines.filter(({ relay }) => relay === false)

/** How long the process that was replaced lives on: the tables that a rebuild has replaced are deleted after half a minute. */
const awakeMs = 60_000

const rebuildOfTheSucceeded = (beforeMs: number) => [
  begins({ fault: 'brokerDown', service: '', forMs: 3_000 }),
  rebuilds,
  ...(beforeMs === 0 ? [] : [waits(beforeMs)]),
  toAnn(1),
  begins({ fault: 'zombie', service: 'desk', pausedMs: 20_000, awakeMs, takenOverMs: 0 }),
  toAnn(2),
  waits(120_000),
]
const rebuilt = new Map(Object.entries({ brokerDown: 1, rebuild: 1, zombie: 1 }))

// Found by seed 200053 of the chat: a rebuild that had not read anything yet continued in the process that was paused, and filled the tables
// that its successor had switched to, because a removed checkpoint looked like one that never existed.
test('P7: a rebuild that a successor has finished is not filled again by the process that began it [trap: zombie]', async () => {
  const run = await playSchedule(
    { seed: 1, actions: rebuildOfTheSucceeded(10) },
    { services: letters(), engines: notRelayed },
  )
  expect(run.failure).toBeUndefined()
  expect(run.faults).toEqual(rebuilt)
})

// Found by the same schedules once events of one moment ran at one moment: the paused process began its rebuild when it woke up, switched to
// it, and dropped the tables that its successor served reads from.
test('P7: a process that was replaced begins no rebuild [trap: zombie]', async () => {
  const run = await playSchedule(
    { seed: 1, actions: rebuildOfTheSucceeded(0) },
    { services: letters(), engines: notRelayed },
  )
  expect(run.failure).toBeUndefined()
  expect(run.faults).toEqual(rebuilt)
})

// Found during the analysis of the one above: a process whose switch was reported as failed continued with the old generation beside the new.
test('P7: a switch to a rebuilt read model that was applied but reported as failed is a switch', async () => {
  for (const nth of [1, 2, 3, 4, 5, 6]) {
    const actions = [
      toAnn(1),
      waits(1_000),
      begins({ fault: 'ambiguousCommit', service: 'desk', applied: true, nth }),
      rebuilds,
      waits(5_000),
      toAnn(2),
      waits(1_000),
      toAnn(3),
    ]
    const run = await playSchedule({ seed: 1, actions }, { services: letters(), engines: notRelayed })
    expect(run.failure, `the commit ${nth} behind the beginning`).toBeUndefined()
    expect(run.faults.get('ambiguousCommit')).toBe(1)
  }
})

// Found by seed 8000210 of the chat: the state of a stream stayed in memory when an append to it was applied but reported as failed. A function
// that only read that stream then conflicted for ever, because only an append would have removed the state.
test('P6: a stream whose append was applied but reported as failed is read again [trap: ambiguous-commit]', async () => {
  const filed = (number: number) => asked(number, 'desk', 'file-letter', { to: 'ann', text: `letter ${number}` })
  const actions = [
    filed(1),
    waits(1_000),
    begins({ fault: 'ambiguousCommit', service: 'desk', applied: true, nth: 1 }),
    filed(2),
    waits(1_000),
    asked(3, 'desk', 'seal-box', { to: 'ann' }),
  ]
  for (const engine of memoryEngines) {
    const run = await playSchedule({ seed: 1, actions }, { services: letters(), engines: [engine] })
    expect(run.failure).toBeUndefined()
    expect(run.faults.get('ambiguousCommit')).toBe(1)
    expect(run.commands.map(({ outcome }) => outcome)).toEqual(['accepted', 'accepted', 'accepted'])
  }
})

// Found by seed 7000035 of the chat: if the beginning of a rebuild was applied but reported as failed, every write into the inline
// projection conflicted for ever.
test('P6: an inline projection whose rebuild was reported as failed can still be written [trap: ambiguous-commit]', async () => {
  const filed = (number: number) => asked(number, 'desk', 'file-letter', { to: 'ann', text: `letter ${number}` })
  for (const nth of [1, 2, 3]) {
    const actions = [
      filed(1),
      waits(1_000),
      begins({ fault: 'ambiguousCommit', service: 'desk', applied: true, nth }),
      rebuildOf('shelves'),
      waits(1_000),
      filed(2),
    ]
    const run = await playSchedule({ seed: 1, actions }, { services: letters(), engines: notRelayed })
    expect(run.failure, `the commit ${nth} behind the beginning`).toBeUndefined()
    expect(run.commands.map(({ outcome }) => outcome)).toEqual(['accepted', 'accepted'])
  }
})

// Found by seed 35 of the shop with three instances: an instance that had lost its leases by its own clock took back no more than its share, and to the
// others it held the rest for as long as it lived.
test('P2: work that an instance lost while it stood still, and that is no longer its share, is done by others [trap: zombie]', async () => {
  const actions = [
    waits(1_000),
    begins({ fault: 'pause', service: 'desk', forMs: 7_600 }),
    begins({ fault: 'scale', service: 'desk', to: 4 }),
    waits(60_000),
    toAnn(1),
  ]
  const services = letters()
  for (const seed of [1, 2, 3]) {
    const run = await playSchedule({ seed, instances: 2, actions }, { services, engines: notRelayed })
    expect(run.failure).toBeUndefined()
    expect(run.faults.get('pause')).toBe(1)
  }
})
