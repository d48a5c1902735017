// Every checker goes red on what breaks its promise, and names it; none does on what is sound.

import type { CommitUnit } from 'tidings/ports'
import { expect, test } from 'vitest'
import { type CrashPointName, checkers, type FaultKnobs, failureLines, simulate } from '../../src/index.ts'
import { brokenEngine, type Damage, withoutRows } from './broken-engine.ts'
import { letters, mail, type Parts } from './letters-system.ts'

const witness = 'simulation-witness'
const handled = (unit: CommitUnit) => unit.rows.some(({ table }) => table === witness)

interface Broken {
  readonly checker: string
  readonly promise: string
  readonly how: string
  readonly damage: Damage
  readonly parts?: Parts
  readonly faults?: Partial<FaultKnobs>
  readonly crashPoints?: readonly CrashPointName[]
  /** What the failure says. */
  readonly says: RegExp
}

const broken: readonly Broken[] = [
  {
    checker: 'nothing-lost',
    promise: 'P2',
    how: 'a broker passes over an event',
    damage: {
      broker: (broker) => ({
        ...broker,
        read: async (source, request) => {
          const page = await broker.read(source, request)
          return { ...page, events: page.events.filter(({ position }) => !position.endsWith('7')) }
        },
      }),
    },
    says: /mail\.letter-sent of \w+ \(.*\) never took effect in read of desk; nobody holds it\./,
  },
  {
    checker: 'once-in-effect',
    promise: 'P3',
    how: 'a commit bears effects without the progress',
    damage: { spoil: () => (unit) => (handled(unit) ? withoutRows(unit, 'tidings.progress') : unit) },
    faults: { crash: 0.3 },
    says: /read of desk took effect twice on/,
  },
  {
    checker: 'once-in-effect',
    promise: 'P3',
    how: 'a command commits without its idempotency key',
    damage: { spoil: () => (unit) => withoutRows(unit, 'tidings.commands') },
    faults: { redelivery: 0.3 },
    says: /sim-\d+ command\/(send-letter|change-address) of post was carried out 2 times\./,
  },
  {
    checker: 'order-per-key',
    promise: 'P4',
    how: 'a broker hands out a later event first',
    damage: {
      broker: (broker) => ({
        ...broker,
        read: async (source, request) => {
          const page = await broker.read(source, request)
          return { ...page, events: [...page.events].reverse() }
        },
      }),
    },
    faults: { brokerDown: 0.1, delay: 0.1 },
    says: /read of desk handled .* after .*, which post published later under the same key/,
  },
  {
    checker: 'atomic',
    promise: 'P1',
    how: 'a commit bears its rows without its events, now and then',
    damage: {
      spoil: () => {
        let count = 0
        return (unit) => (unit.events.length > 0 && ++count % 5 === 0 ? { ...unit, events: [] } : unit)
      },
    },
    says: /wrote on sim-\d+ that it published 1 events; 0 are in the log\./,
  },
  {
    checker: 'replica-converges',
    promise: 'P7',
    how: 'a row of a replica is not written, now and then',
    damage: {
      spoil: () => {
        let count = 0
        return (unit) =>
          unit.rows.some(({ table }) => table.startsWith('people@')) && ++count % 3 === 0
            ? { ...unit, rows: unit.rows.filter(({ table }) => !table.startsWith('people@')) }
            : unit
      },
    },
    says: /Replica people of desk (has no row|holds)/,
  },
  {
    checker: 'projection-equals-fold',
    promise: 'P7',
    how: 'a projection counts what it should not know',
    damage: {},
    parts: { counting: Math.random },
    says: /Read model counts of desk holds .* it should be/,
  },
  {
    checker: 'outbox-drains',
    promise: 'P2',
    how: 'a broker forgets a part of what it was given',
    damage: {
      relay: true,
      broker: (broker) => ({
        ...broker,
        publish: (batch) =>
          broker.publish({ ...batch, events: batch.events.filter(({ position }) => !position.endsWith('4')) }),
      }),
    },
    says: /Event 4 of post is .*; the broker hands out/,
  },
  {
    checker: 'parked-keys-hold-order',
    promise: 'P5',
    how: 'what is held is kept under another key',
    damage: {
      spoil: () => (unit) => ({
        ...unit,
        rows: unit.rows.map((write) => {
          if (write.table !== 'tidings.held' || write.row === null) return write
          const held = { ...JSON.parse(write.row.json), key: 'another' }
          return { ...write, row: { ...write.row, json: JSON.stringify(held) } }
        }),
      }),
    },
    faults: { failingHandler: 0.2, crash: 0.2, serviceDown: 0.1 },
    says: /desk has parked mail\.letter-sent of another \(.*\), and yet handled .* behind it\./,
  },
  {
    checker: 'no-publication-during-rebuild',
    promise: 'P7',
    how: 'a rebuild publishes',
    damage: {
      spoil: () => (unit) => {
        const rebuilds = unit.rows.some(({ key }) => key.startsWith('rebuild.'))
        return rebuilds ? { ...unit, events: [strayEvent(unit)] } : unit
      },
    },
    faults: { rebuild: 0 },
    says: /desk published mail\.letter-filed of stray during a rebuild\./,
  },
]

function strayEvent({ rows }: CommitUnit): CommitUnit['events'][number] {
  return {
    id: `stray-${rows
      .map(({ key }) => key)
      .join('-')
      .slice(0, 40)}-${Math.random()}`,
    source: 'desk',
    type: 'mail.letter-filed',
    version: 1,
    readableFrom: 1,
    key: 'stray',
    data: JSON.stringify({ to: 'stray', text: '' }),
    downcasts: null,
    entityVersion: null,
    occurredAt: 0,
    recordedAt: 0,
    correlationId: 'stray',
    causationId: 'stray',
    causedBy: 'nobody',
    principal: null,
    traceparent: null,
  }
}

for (const { checker: name, promise, how, damage, parts, faults = {}, crashPoints, says } of broken) {
  test(`${promise} ${name}: what breaks it is found out (${how})`, async () => {
    const report = await simulate({
      services: letters(parts),
      simulation: { workload: mail, stepCount: 30, faults, ...(crashPoints === undefined ? {} : { crashPoints }) },
      engines: [brokenEngine(damage)],
      checkers: checkers.filter((checker) => checker.name === name),
      runs: 60,
      shrink: false,
    })
    expect(report.failed?.run.failure?.checker, JSON.stringify(report.failed?.run.failure)).toBe(name)
    expect(report.failed?.run.failure?.breaches.join('\n')).toMatch(says)
  })
}

test('every checker has been red', () => {
  expect(new Set(broken.map(({ checker }) => checker))).toEqual(new Set(checkers.map(({ name }) => name)))
})

test('P5: an event that is parked until it is redriven takes effect in its turn', async () => {
  const faults = { failingHandler: 0.2, crash: 0.1 }
  const report = await simulate({
    services: letters(),
    simulation: { workload: mail, stepCount: 30, faults },
    runs: 30,
  })
  expect(report.failed && failureLines(report.failed, '')).toBeUndefined()
  expect(report.faults.failingHandler).toBeGreaterThan(20)
})
