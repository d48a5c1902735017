// Every checker fails on an engine that breaks its promise, and names the promise; none fails on a correct one.

import type { LoggedEvent } from 'tidings'
import type { CommitUnit } from 'tidings/ports'
import { expect, test } from 'vitest'
import { checkers, type FaultRates, failureLines, type SimulationCrashPoint, simulate } from '../../src/index.ts'
import { brokenEngine, type Damage, staying, withoutRows } from './broken-engine.ts'
import { letters, mail, type Parts } from './letters-system.ts'
import { customers, reminders } from './reminders-system.ts'

const executionsTable = 'simulation-executions'
const handled = (unit: CommitUnit) => unit.rows.some(({ table }) => table === executionsTable)

interface Broken {
  readonly checker: string
  readonly promise: string
  readonly how: string
  readonly damage: Damage
  readonly parts?: Parts
  readonly faults?: Partial<FaultRates>
  readonly crashPoints?: readonly SimulationCrashPoint[]
  /** The text of the failure. */
  readonly says: RegExp
}

const broken: readonly Broken[] = [
  {
    checker: 'commands-end-well',
    promise: 'P1',
    how: "a command's function throws",
    damage: {},
    parts: {
      onSend: () => {
        throw new RangeError('no such street')
      },
    },
    says: /send-letter of post \(sim-\d+\) threw: no such street/,
  },
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
    says: /mail\.letter-sent of \w+ \(.*\) never took effect in read of desk; it is not deferred\./,
  },
  {
    checker: 'once-in-effect',
    promise: 'P3',
    how: 'a commit has the effects without the checkpoint',
    damage: { spoil: () => (unit) => (handled(unit) ? withoutRows(unit, 'tidings.progress') : unit) },
    faults: { crash: 0.3 },
    says: /read of desk took effect twice on/,
  },
  {
    checker: 'once-in-effect',
    promise: 'P3',
    how: 'a command commits without its idempotency key',
    damage: { spoil: () => (unit) => withoutRows(unit, 'tidings.answers') },
    faults: { redelivery: 0.3 },
    says: /sim-\d+ command\/(send-letter|change-address) of post was executed 2 times\./,
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
    how: 'a commit has its rows without its events, now and then',
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
    says: /Event 4 of post is .*; the broker delivers/,
  },
  {
    checker: 'parked-keys-hold-order',
    promise: 'P5',
    how: 'deferred events are kept under another key',
    damage: {
      spoil: () => (unit) => ({
        ...unit,
        rows: unit.rows.map((write) => {
          if (write.table !== 'tidings.held' || write.row === null) return write
          const moved = { ...JSON.parse(write.row.json), key: 'another' }
          return { ...write, row: { ...write.row, json: JSON.stringify(moved) } }
        }),
      }),
    },
    faults: { failingHandler: 0.2, crash: 0.2, serviceDown: 0.1 },
    says: /desk parked mail\.letter-sent of another \(.*\), but handled .*, which comes after it\./,
  },
  {
    checker: 'only-its-key-waits',
    promise: 'P5',
    how: 'a broker that hands out all events under one key',
    damage: { broker: changed((event) => ({ ...event, key: 'another' })) },
    faults: { failingHandler: 0.2 },
    says: /desk does not go on with mail\.letter-sent of another \(.*\), although nothing of key \w+ is deferred before it\./,
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

const ofReminders: readonly Broken[] = [
  {
    checker: 'only-its-key-waits',
    promise: 'P5',
    how: 'a broker that hands out all events for one instance',
    damage: {
      broker: changed((event) => ({
        ...event,
        data: event.data?.replace(/"customer":"c-\d"/, '"customer":"c-9"') ?? null,
      })),
    },
    faults: { failingHandler: 0.2 },
    says: /payments does not go on with remind\.order-placed of \S+ \(.*\), although nothing of instance \S+ of \w+ is deferred before it\./,
  },
  {
    checker: 'order-per-key',
    promise: 'P4',
    how: 'a broker hands out a later event of an instance first',
    damage: {
      broker: (broker) => ({
        ...broker,
        read: async (source, request) => {
          const page = await broker.read(source, request)
          return { ...page, events: request.types?.length === 1 ? [...page.events].reverse() : page.events }
        },
      }),
    },
    faults: { brokerDown: 0.3, serviceDown: 0.3, delay: 0.1 },
    says: /regular of payments handled .* after .*, which orders published later for the same instance c-\d\./,
  },
  {
    checker: 'nothing-lost',
    promise: 'P2',
    how: 'a broker passes over an event that starts a process manager',
    damage: {
      broker: (broker) => ({
        ...broker,
        read: async (source, request) => {
          const page = await broker.read(source, request)
          return {
            ...page,
            events: page.events.filter(({ type, key }) => type !== 'remind.order-placed' || key !== 'o-3'),
          }
        },
      }),
    },
    says: /remind\.order-placed of o-3 \(.*\) never took effect in payment\.remind\.order-placed of payments; it is not deferred\./,
  },
  {
    checker: 'nothing-lost',
    promise: 'P2',
    how: 'a broker passes over an event that a process manager waits for',
    damage: {
      broker: (broker) => ({
        ...broker,
        read: async (source, request) => {
          const page = await broker.read(source, request)
          return { ...page, events: page.events.filter(({ type }) => type !== 'remind.order-paid') }
        },
      }),
    },
    says: /remind\.order-paid of o-\d+ \(.*\) never took effect in payment\.remind\.order-paid of payments/,
  },
  {
    checker: 'once-in-effect',
    promise: 'P3',
    how: 'a process manager takes a step without the progress',
    damage: { spoil: () => (unit) => (steps(unit) ? withoutRows(unit, 'tidings.progress') : unit) },
    faults: { crash: 0.3 },
    says: /payment of payments took effect twice on/,
  },
  {
    checker: 'once-in-effect',
    promise: 'P3',
    how: 'what an effect leads to is committed without removing it',
    damage: { spoil: () => staying('effect/') },
    faults: { crash: 0.3 },
    says: /(print-label|send-mail) of (warehouse|payments) took effect twice on/,
  },
  {
    checker: 'atomic',
    promise: 'P1',
    how: 'a step of a process manager is committed without its events',
    damage: { spoil: () => (unit) => (steps(unit) ? { ...unit, events: [] } : unit) },
    says: /payment\.remind of payments wrote on sim-\d+ that it published 1 events; 0 are in the log\./,
  },
  {
    checker: 'timers-fire-once',
    promise: 'P3',
    how: 'a timer is not kept, now and then',
    damage: {
      spoil: () => {
        let count = 0
        return (unit) => (asksFor(unit, 'timer/') && ++count % 4 === 0 ? withoutRows(unit, 'tidings.agenda') : unit)
      },
    },
    says: /Timer (pack of|remind of payment) o-\d+ in \w+ was set, never fired, and is no longer set\./,
  },
  {
    checker: 'timers-fire-once',
    promise: 'P3',
    how: 'a timer that has fired stays set',
    damage: { spoil: () => staying('timer/') },
    faults: { crash: 0.3 },
    says: /Timer .* (fired although it was not set, or had fired already|is set, although it has fired or was cancelled)\./,
  },
  {
    checker: 'effects-end-once',
    promise: 'P2',
    how: 'an effect is not kept, now and then',
    damage: {
      spoil: () => {
        let count = 0
        return (unit) => (asksFor(unit, 'effect/') && ++count % 3 === 0 ? withoutRows(unit, 'tidings.agenda') : unit)
      },
    },
    says: /An effect \(.*\) that (pack of warehouse|payment\.remind of payments) requested has no outcome/,
  },
]

function changed(change: (event: LoggedEvent) => LoggedEvent): NonNullable<Damage['broker']> {
  return (broker) => ({
    ...broker,
    read: async (source, request) => {
      const page = await broker.read(source, request)
      return { ...page, events: page.events.map(change) }
    },
  })
}

function steps({ rows }: CommitUnit): boolean {
  return rows.some(({ table }) => table === 'tidings.process-steps')
}

// Not a unit that moves what is due into a queue, or removes it from the schedule.
function asksFor({ rows }: CommitUnit, prefix: string): boolean {
  return (
    rows.some(({ table, key, row }) => table === 'tidings.agenda' && key.startsWith(prefix) && row !== null) &&
    !rows.some(({ table, row }) => table === 'tidings.queues' && row !== null)
  )
}

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
    tenant: null,
    traceparent: null,
    tracestate: null,
  }
}

for (const breakage of [...broken, ...ofReminders]) {
  const { checker: name, promise, how, damage, parts, faults = {}, crashPoints, says } = breakage
  const isReminding = ofReminders.includes(breakage)
  test(`${promise} ${name}: the check detects what breaks it (${how})`, async () => {
    const report = await simulate({
      services: isReminding ? reminders : letters(parts),
      simulation: {
        workload: isReminding ? customers : mail,
        stepCount: 30,
        // Few runs show the damage: handlers that hang hide some of it.
        faults: { hangingHandler: 0, ...faults },
        ...(crashPoints === undefined ? {} : { crashPoints }),
      },
      engines: [brokenEngine(damage)],
      checkers: checkers.filter((checker) => checker.name === name),
      runs: 60,
      shrink: false,
    })
    expect(report.failed?.run.failure?.checker, JSON.stringify(report.failed?.run.failure)).toBe(name)
    expect(report.failed?.run.failure?.breaches.join('\n')).toMatch(says)
  })
}

test('every checker has failed once', () => {
  expect(new Set([...broken, ...ofReminders].map(({ checker }) => checker))).toEqual(
    new Set(checkers.map(({ name }) => name)),
  )
})

test('P5: an event that is parked until it is redriven takes effect in its order', async () => {
  const faults = { failingHandler: 0.2, crash: 0.1 }
  const report = await simulate({
    services: letters(),
    simulation: { workload: mail, stepCount: 30, faults },
    runs: 30,
  })
  expect(report.failed && failureLines(report.failed, '')).toBeUndefined()
  expect(report.faults.failingHandler).toBeGreaterThan(20)
})
