// A system with every kind of read model: counter keeps tallies (an inline projection, one over facts), mirror follows them
// (a projection over events, a replica). A read model must always be the fold of history.

import {
  defineCommand,
  defineDecider,
  defineEvent,
  defineQuery,
  defineService,
  defineTable,
  fact,
  type Limits,
  replicaOf,
  type Service,
} from 'tidings'
import { z } from 'zod'
import type { World } from '../setup/world.ts'
import { rowsOf } from './fulfilment.ts'

const added = z.object({ id: z.string(), amount: z.number() })
const row = z.object({ id: z.string(), count: z.number(), sum: z.number() })

export const Added = defineEvent('test.added', { owner: 'counter', pattern: 'event-sourcing' })
  .version(1, added)
  .key(({ id }) => id)
export const TallyChanged = defineEvent('test.tally-changed', { owner: 'counter', pattern: 'state-transfer' })
  .version(1, z.object({ id: z.string(), sum: z.number() }))
  .key(({ id }) => id)

const Add = defineCommand('add', { input: added, key: ({ id }) => id })
const Forget = defineCommand('forget', { input: z.object({ id: z.string() }) })
const rowsQuery = (owner: string) =>
  defineQuery('rows', { owner, input: z.object({ of: z.string() }), output: z.object({ counted: z.number() }) })

const tally = defineDecider('tally', {
  commands: { Add },
  facts: { added: fact(z.object({ amount: z.number() })) },
  initialState: () => 0,
  decide: { Add: ({ amount }, _state, { facts }) => facts.added({ amount }) },
  evolve: { added: (sum, { amount }) => sum + amount },
})

const table = (name: string) =>
  defineTable(name)
    .version(1, row)
    .key(({ id }) => id)
const sums = table('sums')
const history = table('history')
const totals = table('totals')

/** What a test changes about the read models. */
export interface TallyOptions {
  readonly limits?: Partial<Limits>
  /** Runs in every step of every projection. */
  readonly onStep?: (readModel: string, id: string, amount: number) => unknown
  /** The second version of the totals' shape. */
  readonly wider?: boolean
}

type Row = z.infer<typeof row>
type Rows = { get(key: string): Promise<Row | undefined>; put(next: Row): void }
async function count(rows: Rows, id: string, amount: number): Promise<void> {
  const before = await rows.get(id)
  rows.put({ id, count: (before?.count ?? 0) + 1, sum: (before?.sum ?? 0) + amount })
}

/** Both services. */
export function tallies({ limits = {}, onStep, wider = false }: TallyOptions = {}): readonly Service[] {
  const counter = defineService('counter', {
    publishes: [Added, TallyChanged],
    readModels: { sums, history },
    limits,
  })
  const mirrored = wider ? totals.index('count') : totals
  const mirror = defineService('mirror', {
    readModels: { totals: mirrored },
    replicas: { tallies: replicaOf(TallyChanged) },
    limits,
  })
  return [
    counter.with({
      tally: counter.decider(tally, {
        publishes: [Added, TallyChanged],
        announce: {
          added: ({ amount }, sum, { event, meta: { stream: id } }) => [
            event(Added, { id, amount }),
            event(TallyChanged, { id, sum }),
          ],
        },
      }),
      forget: counter.command(Forget, { publishes: [TallyChanged] }, ({ id }, { retract }) =>
        retract(TallyChanged, id),
      ),
      sums: counter
        .projection('sums', { writes: ['sums'], mode: 'inline' })
        .onFact(tally, 'added', async ({ amount }, { tables, fact: { stream } }) => {
          onStep?.('sums', stream, amount)
          await count(tables.sums, stream, amount)
        }),
      history: counter
        .projection('history', { writes: ['history'] })
        .onFact(tally, 'added', async ({ amount }, { tables, fact: { stream } }) => {
          await onStep?.('history', stream, amount)
          await count(tables.history, stream, amount)
        }),
      rows: counter.query(rowsQuery('counter'), async ({ of }, { readModels }) => {
        const rows = await (of === 'sums' ? readModels.sums : readModels.history).list({ limit: 1000 })
        return { counted: rows.reduce((total, { count: one }) => total + one, 0) }
      }),
    }),
    mirror.with({
      totals: mirror.projection('totals', { writes: ['totals'] }).on(Added, async ({ id, amount }, { tables }) => {
        await onStep?.('totals', id, amount)
        await count(tables.totals, id, amount)
      }),
      rows: mirror.query(rowsQuery('mirror'), async ({ of }, { readModels, replicas }) => {
        const rows = of === 'totals' ? await readModels.totals.list({ limit: 1000 }) : []
        const copied = of === 'tallies' ? (await replicas.tallies.list({ limit: 1000 })).length : 0
        return { counted: rows.reduce((total, { count: one }) => total + one, copied) }
      }),
    }),
  ]
}

/** A read model and the service that keeps it. */
export interface Kept {
  readonly service: 'counter' | 'mirror'
  readonly readModel: 'sums' | 'history' | 'totals' | 'tallies'
}

export const everyKind: readonly Kept[] = [
  { service: 'counter', readModel: 'sums' },
  { service: 'counter', readModel: 'history' },
  { service: 'mirror', readModel: 'totals' },
  { service: 'mirror', readModel: 'tallies' },
]

/** The rows of the generation that serves reads. */
export async function rowsKept(world: World, { service, readModel }: Kept) {
  const status = world.system.service(service).status.readModels.find(({ name }) => name === readModel)
  return rowsOf(world, service, `${readModel}@${status?.generation}`)
}

/** The rows that are expected: the fold of everything that was published. */
export async function fold(world: World, { readModel }: Kept) {
  const { events } = await world.system.service('counter').store.readEventLog({ after: '', limit: 10_000 })
  const rows = new Map<string, Record<string, unknown>>()
  for (const { type, key, data } of events) {
    const value = data === null ? undefined : (JSON.parse(data) as { id: string; amount: number; sum: number })
    if (readModel === 'tallies') {
      if (type !== TallyChanged.name) continue
      if (value === undefined) rows.delete(key)
      else rows.set(key, { ...value })
    } else if (type === Added.name && value !== undefined) {
      const before = rows.get(key) as z.infer<typeof row> | undefined
      rows.set(key, { id: key, count: (before?.count ?? 0) + 1, sum: (before?.sum ?? 0) + value.amount })
    }
  }
  return [...rows.values()].sort((a, b) => (String(a.id) < String(b.id) ? -1 : 1))
}
