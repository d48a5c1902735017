// The instances of the process by hand, as a careful team writes them: facts that the state is folded from, a step for each input (what it
// was, when, what it led to), and a row with the present state. All three are validated and written in the transaction of the input.

import { addFact, emptyInstance, type Fact, FactSchemas, InstanceRow, StepRow } from '../fulfilment.ts'
import { type HandleStep, type OpenInstances, orderFulfilled, stepEvents } from './fulfilment.ts'
import { dataOf } from './outbox.ts'

const tables = `
  CREATE TABLE instances (
    order_id TEXT PRIMARY KEY, state TEXT NOT NULL, cents INTEGER NOT NULL, paid_cents INTEGER NOT NULL,
    started_at INTEGER NOT NULL, changed_at INTEGER NOT NULL, steps INTEGER NOT NULL);
  CREATE TABLE facts (
    position INTEGER PRIMARY KEY, order_id TEXT NOT NULL, number INTEGER NOT NULL, type TEXT NOT NULL, version INTEGER NOT NULL,
    occurred_at INTEGER NOT NULL, recorded_at INTEGER NOT NULL, correlation_id TEXT NOT NULL, causation_id TEXT NOT NULL,
    data TEXT NOT NULL, UNIQUE (order_id, number));
  CREATE TABLE steps (
    order_id TEXT NOT NULL, number INTEGER NOT NULL, at INTEGER NOT NULL, occurred_at INTEGER NOT NULL, input TEXT NOT NULL,
    input_id TEXT NOT NULL, correlation_id TEXT NOT NULL, facts TEXT NOT NULL, published TEXT NOT NULL,
    PRIMARY KEY (order_id, number)) WITHOUT ROWID`

/** Opens the instances. */
export const openHistory: OpenInstances = ({ sqlite }, publish): HandleStep => {
  sqlite.exec(tables)
  const select = sqlite.prepare('SELECT state, cents, paid_cents, started_at, steps FROM instances WHERE order_id = ?')
  select.setReturnArrays(true)
  const put = sqlite.prepare(`INSERT INTO instances VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (order_id) DO UPDATE SET
    state = excluded.state, cents = excluded.cents, paid_cents = excluded.paid_cents, changed_at = excluded.changed_at,
    steps = excluded.steps`)
  const append = sqlite.prepare(`INSERT INTO facts
    (order_id, number, type, version, occurred_at, recorded_at, correlation_id, causation_id, data)
    VALUES (?, ?, ?, 1, ?, ?, ?, ?, ?)`)
  const note = sqlite.prepare('INSERT INTO steps VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)')

  /** The order's instance and the number of its steps. */
  function load(orderId: string, now: number): readonly [InstanceRow, number] {
    const row = select.get(orderId) as unknown as [InstanceRow['state'], number, number, number, number] | undefined
    if (row === undefined) return [{ ...emptyInstance, orderId, startedAt: now, changedAt: now }, 0]
    const [state, cents, paidCents, startedAt, steps] = row
    return [{ orderId, state, cents, paidCents, startedAt, changedAt: now }, steps]
  }

  return (step, event) => {
    const [, causationId, , , orderId, correlationId, occurredAt] = event
    const { cents } = dataOf(event, stepEvents[step])
    const now = Date.now()
    const [before, steps] = load(orderId, now)
    const fact = decide(before.state, step, cents)
    const after = fact === undefined ? before : addFact(before, fact)
    const ends = fact?.type === 'ended'
    if (fact !== undefined) {
      const data = JSON.stringify(FactSchemas[fact.type].parse(fact.data))
      append.run(orderId, steps + 1, fact.type, occurredAt, now, correlationId, causationId, data)
    }
    if (ends)
      publish(
        orderFulfilled,
        orderId,
        { orderId, cents: after.cents, paidCents: after.paidCents },
        { correlationId, causationId, occurredAt },
      )
    const row = InstanceRow.parse(after)
    put.run(row.orderId, row.state, row.cents, row.paidCents, row.startedAt, row.changedAt, steps + 1)
    const { number, at, facts, published, ...of } = StepRow.parse({
      orderId,
      number: steps + 1,
      at: now,
      occurredAt,
      input: step,
      inputId: causationId,
      correlationId,
      facts: fact === undefined ? [] : [fact.type],
      published: ends ? [orderFulfilled.name] : [],
    })
    const lists = [JSON.stringify(facts), JSON.stringify(published)] as const
    note.run(of.orderId, number, at, of.occurredAt, of.input, of.inputId, of.correlationId, ...lists)
  }
}

/** What an input means for an instance; nothing if it comes at the wrong time. */
function decide(state: InstanceRow['state'], step: string, cents: number): Fact | undefined {
  if (step === 'placed' && state === 'new') return { type: 'started', data: { cents } }
  if (step === 'paid' && state === 'placed') return { type: 'paid', data: { cents } }
  if (step === 'delivered' && state === 'paid') return { type: 'ended', data: {} }
  return undefined
}
