// P9 Explained: every event names its cause and its conversation, every delivery leaves a record, and both make one tree.

import { defineQuery, defineService, type LoggedEvent } from 'tidings'
import { type CausalNode, causalTree, deliveriesOf, eventsOfConversation, redrive } from 'tidings/operations'
import type { Broker, CommitUnit } from 'tidings/ports'
import { expect } from 'vitest'
import { z } from 'zod'
import type { EngineKind } from './setup/engines.ts'
import { brokenPromise, promise } from './setup/promise-test.ts'
import { type Between, createWorld, type World } from './setup/world.ts'
import { commandsOfTheDay, fulfilment } from './systems/fulfilment.ts'
import { deskWith, type Letter, LetterSent, post, SendLetters, sendLetters } from './systems/letters.ts'

async function allEvents(world: World): Promise<readonly LoggedEvent[]> {
  const logs = [...world.system.services.values()].map(({ store }) => store.readEventLog({ after: '', limit: 1000 }))
  return (await Promise.all(logs)).flatMap(({ events }) => events)
}

/** The tree of a conversation, from the answers of every service. */
async function treeOf(world: World, correlationId: string) {
  const services = [...world.system.services.values()]
  const events = (await Promise.all(services.map((service) => eventsOfConversation(service, correlationId)))).flat()
  const deliveries = (await Promise.all(services.map((service) => deliveriesOf(service, events)))).flat()
  return causalTree(correlationId, events, deliveries)
}

const flat = (nodes: readonly CausalNode[]): readonly CausalNode[] =>
  nodes.flatMap((node) => [node, ...flat(node.consequences)])

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

async function explainedDay(kind: EngineKind, between: Between = {}): Promise<void> {
  const world = await createWorld(kind, fulfilment(), between)
  const commandIds: string[] = []
  for (const [index, { service, command, input }] of commandsOfTheDay.entries()) {
    const answer = await world.run(
      world.system.service(service).command(command, input, { principal: `person-${index}`, traceparent }),
    )
    commandIds.push(answer?.commandId ?? '')
  }
  await world.settle()
  const events = await allEvents(world)
  expect(events).toHaveLength(13)
  for (const event of events) {
    const tree = await treeOf(world, event.correlationId)
    const nodes = flat(tree.roots)
    const same = events.filter(({ correlationId }) => correlationId === event.correlationId).map(({ id }) => id)
    expect(nodes.map((node) => node.event.id).sort(), 'the tree has every event of the same correlation').toEqual(
      same.sort(),
    )
    expect(tree.eventCount).toBe(same.length)
    // Every event leads to the command that began it.
    const index = commandIds.indexOf(tree.begunBy?.id ?? '')
    expect(index, `${event.type} leads to its command`).toBeGreaterThanOrEqual(0)
    expect(tree.begunBy).toMatchObject({
      service: commandsOfTheDay[index]?.service,
      by: `command/${commandsOfTheDay[index]?.command}`,
      principal: `person-${index}`,
    })
    expect(event, 'who, on the way').toMatchObject({ principal: `person-${index}`, traceparent })
    expect(event.correlationId).toBe(commandIds[index])
    for (const node of nodes) {
      for (const after of node.consequences) {
        expect(after.event).toMatchObject({ causationId: node.event.id, causedBy: 'handler/dispatch-parcel' })
        expect(after.event.recordedAt).toBeGreaterThanOrEqual(node.event.recordedAt)
      }
      expect(node.deliveries.every(({ state }) => state === 'done')).toBe(true)
    }
  }
  const { roots } = await treeOf(world, commandIds[1] ?? '')
  expect(
    roots.map(({ event }) => event.type),
    'what a handler publishes is below what it handled',
  ).toEqual(['test.order-placed'])
  const placed = flat(roots)
  expect(placed.map(({ event }) => event.type)).toEqual(['test.order-placed', 'test.parcel-dispatched'])
  expect(
    placed[0]?.deliveries.map(({ service, subscriber }) => `${service} ${subscriber}`).sort(),
    'one account for each subscriber',
  ).toEqual(['insights projection.totals', 'shipping main'])
  await world.close()
}

promise('P9', 'every event leads to the command that began it and to everything that it caused', (kind) =>
  explainedDay(kind),
)
const events = (change: (event: CommitUnit['events'][number]) => object): Between => ({
  spoil: (unit) => ({ ...unit, events: unit.events.map((event) => ({ ...event, ...change(event) })) }),
})
brokenPromise('P9', 'an engine that forgets the conversation of what a handler publishes', (kind) =>
  explainedDay(
    kind,
    events(({ causedBy, id }) => (causedBy.startsWith('handler') ? { correlationId: id } : {})),
  ),
)
brokenPromise('P9', 'an engine that forgets the cause', (kind) =>
  explainedDay(
    kind,
    events(({ id }) => ({ causationId: id })),
  ),
)
brokenPromise('P9', 'an engine that forgets the principal', (kind) =>
  explainedDay(
    kind,
    events(() => ({ principal: null })),
  ),
)

async function accounts(world: World) {
  const { events: log } = await world.system.service('post').store.readEventLog({ after: '', limit: 100 })
  const found = await deliveriesOf(world.system.service('desk'), log)
  return Object.fromEntries(
    found.map((account) => {
      const event = log.find(({ id }) => id === account.eventId)
      const { number } = JSON.parse(event?.data ?? '{}') as { number: number }
      return [`${event?.key}${number}`, account]
    }),
  )
}

async function recorded(kind: EngineKind, between: Between = {}): Promise<void> {
  let fixed = false
  const onLetter = async ({ to, number }: Letter, { attempt }: { attempt: number }) => {
    await world.pause(number)
    if (to === 'a' && attempt <= 2) throw new Error('twice')
    if (to === 'b' && !fixed) throw new Error('until fixed')
  }
  const desk = deskWith({ onLetter, limits: { attemptsMax: 3 } })
  const world: World = await createWorld(kind, [post, desk], between)
  await sendLetters(world, 'a30', 'b40', 'b41', 'c50')
  await world.advance(60)
  const early = await accounts(world)
  expect(early.a30).toMatchObject({ state: 'retrying', attempts: 1, error: { code: 'HANDLER_FAILED' } })
  expect(early.b41).toMatchObject({ state: 'blocked', attempts: 0 })
  await world.settle()
  await sendLetters(world, 'b42')
  await world.settle()
  await world.restart()
  const late = await accounts(world)
  expect(late.a30).toMatchObject({ service: 'desk', subscriber: 'main', state: 'done', attempts: 3, error: undefined })
  expect(late.b40).toMatchObject({ state: 'parked', attempts: 3, error: { message: 'Error: until fixed' } })
  expect(late.b42).toMatchObject({ state: 'blocked' })
  expect(late.c50).toMatchObject({ state: 'done', attempts: 1 })
  for (const [letter, durationMs] of [
    ['a30', 30],
    ['c50', 50],
  ] as const) {
    expect(late[letter]?.durationMicros, letter).toBeGreaterThanOrEqual(durationMs * 1_000)
    expect(late[letter]?.durationMicros, letter).toBeLessThan((durationMs + 60) * 1_000)
    expect(late[letter]?.at, letter).toBeLessThanOrEqual(world.clock.now())
  }
  fixed = true
  await world.run(redrive(world.system.service('desk'), {}, { dryRun: false }))
  await world.settle()
  const last = await accounts(world)
  expect(Object.values(last).every(({ state }) => state === 'done')).toBe(true)
  expect(last.b42).toMatchObject({ attempts: 1 })
  await world.close()
}

promise('P9', 'every delivery leaves a record: attempts, duration, outcome, and why it is deferred', (kind) =>
  recorded(kind),
)
brokenPromise('P9', 'an engine that keeps no records of retries', (kind) =>
  recorded(kind, {
    spoil: (unit) => ({
      ...unit,
      rows: unit.rows.filter(({ table, key }) => table !== 'tidings.deliveries' || !key.includes('~')),
    }),
  }),
)

// Each letter is a batch of its own, whose record is kept with the checkpoint until there are enough for a row.
async function recordedOneByOne(kind: EngineKind, between: Between = {}): Promise<void> {
  const world = await createWorld(kind, [post, deskWith()], between)
  const beginsAt: number[] = []
  for (let number = 0; number < 40; number++) {
    beginsAt.push(world.clock.now())
    await sendLetters(world, `a${number}`)
    await world.settle()
    await world.advance(1_000)
  }
  for (const restarts of [false, true]) {
    if (restarts) await world.restart()
    const found = await accounts(world)
    for (const [number, at] of beginsAt.entries()) {
      expect(found[`a${number}`], `letter ${number}`).toMatchObject({ state: 'done', attempts: 1 })
      expect(found[`a${number}`]?.durationMicros, `letter ${number}`).toBeDefined()
      expect(found[`a${number}`]?.at, `letter ${number}`).toBeGreaterThanOrEqual(at)
      expect(found[`a${number}`]?.at, `letter ${number}`).toBeLessThan(at + 1_000)
    }
  }
  expect(await world.system.service('desk').store.count('tidings.deliveries'), 'they share rows').toBeLessThan(10)
  await world.close()
}

promise('P9', 'deliveries that come one by one leave a record of each, with its own time', (kind) =>
  recordedOneByOne(kind),
)
brokenPromise('P9', 'an engine that forgets the records that a checkpoint keeps', (kind) =>
  recordedOneByOne(kind, {
    spoil: (unit) => ({
      ...unit,
      rows: unit.rows.map((write) =>
        write.table === 'tidings.progress' && write.row !== null
          ? { ...write, row: { ...write.row, json: write.row.json.replace(/,"recent":\[\[.*?\]\]/, '') } }
          : write,
      ),
    }),
  }),
)

promise('P9', 'what each delivery to a projection took is still explained after a rebuild', async (kind) => {
  const world = await createWorld(kind, fulfilment())
  for (const { service, command, input } of commandsOfTheDay)
    await world.run(world.system.service(service).command(command, input))
  await world.settle()
  const insights = world.system.service('insights')
  await world.run(insights.rebuild('totals'))
  await world.settle()
  const totals = (await deliveriesOf(insights, await allEvents(world))).filter(
    ({ subscriber }) => subscriber === 'projection.totals',
  )
  expect(totals.length).toBeGreaterThan(0)
  expect(totals.filter(({ durationMicros }) => durationMicros === undefined)).toEqual([])
  await world.close()
})

promise('P9', 'what a subscriber has not reached yet is pending', async (kind) => {
  let down = false
  const hanging = (broker: Broker): Broker => ({
    ...broker,
    read: (source, request) => (down ? new Promise(() => {}) : broker.read(source, request)),
  })
  const world = await createWorld(kind, [post, deskWith()], { broker: hanging })
  await sendLetters(world, 'a1')
  await world.settle()
  down = true
  await sendLetters(world, 'a2')
  await world.advance(5_000)
  expect(await accounts(world)).toMatchObject({ a1: { state: 'done' }, a2: { state: 'pending', attempts: 0 } })
  world.kill()
  await world.close()
})

const Asked = defineQuery('asked', { owner: 'post', input: z.object({}), output: z.object({ by: z.string() }) })

promise('P9', 'the principal and the conversation reach the handler, its log lines and its lookups', async (kind) => {
  const asking = defineService('asking', {})
  const answering = defineService('post', { publishes: [LetterSent] })
  const services = [
    answering.with({
      send: answering.command(SendLetters, { publishes: [LetterSent] }, ({ letters }, { publish }) => {
        for (const letter of letters) publish(LetterSent, letter)
      }),
      asked: answering.query(Asked, (_input, { principal, log }) => {
        log.info('answered', { principal: principal?.id })
        return { by: `${principal?.id} of ${principal?.tenant}` }
      }),
    }),
    asking.with({
      ask: asking.on(LetterSent, { lookups: [Asked] }, async (_letter, { lookup, principal, event, log }) => {
        const answer = await lookup(Asked, {})
        log.info('asked', { answeredTo: answer?.by, principal, of: event.principal, at: event.tenant })
      }),
    }),
  ]
  const world = await createWorld(kind, services)
  const input = { letters: [{ to: 'a', number: 1 }] }
  const answer = await world.run(
    world.system
      .service('post')
      .command('send-letters', input, { principal: { id: 'ann', tenant: 'acme', roles: ['writer'] } }),
  )
  await world.settle()
  const lines = world.lines.filter(({ level }) => level === 'info')
  expect(lines.map(({ service, message, fields }) => ({ service, message, ...fields }))).toEqual([
    { service: 'post', message: 'answered', principal: 'ann', correlationId: answer?.commandId, by: 'query/asked' },
    {
      service: 'asking',
      message: 'asked',
      answeredTo: 'ann of acme',
      principal: { id: 'ann', tenant: 'acme', roles: [], claims: {} },
      of: 'ann',
      at: 'acme',
      correlationId: answer?.commandId,
      by: 'handler/ask',
    },
  ])
  await world.close()
})
