// Live queries over a slow store: reads take time, and commits are reported late and out of order, as by a database at the other end of a
// network. Meanwhile readers connect, lose their connection, are slow, and reconnect.
// The same on stores that two instances share, with writers and readers at both.
// Checked: no row ever goes back, and at the end every reader has exactly the rows of the table.

import { setImmediate as turn } from 'node:timers/promises'
import { isTidingsError, TidingsError } from 'tidings'
import { createManualClock, createManualTimeouts, createSeededRandom, createSequentialIds } from 'tidings/memory'
import type { CommitUnit, Engine, Store } from 'tidings/ports'
import { ServiceRuntime } from 'tidings/runtime'
import { expect, test } from 'vitest'
import { type EngineKind, engines, sharedEngines } from '../promises/setup/engines.ts'
import { roomsWith } from './rooms.ts'

interface Late {
  /** Some milliseconds of the test's time, or a few turns. */
  pause(): Promise<void>
  chance(): number
}

/** What was committed: per key the texts, each with its revision. An engine may answer in another order than it commits. */
type History = Map<string, Map<string, number>>

function late(store: Store, { pause, chance }: Late, history: History, doubtful: boolean): Store {
  const note = ({ rows }: CommitUnit, revision: number) => {
    for (const { table, key, row } of rows) {
      if (table !== 'messages' || row === null) continue
      const texts = history.get(key) ?? new Map<string, number>()
      history.set(key, texts.set((JSON.parse(row.json) as { text: string }).text, revision))
    }
  }
  return {
    ...store,
    find: async (query) => {
      await pause()
      const rows = await store.find(query)
      await pause()
      return rows
    },
    commit: async (unit) => {
      const result = await store.commit(unit)
      if (result.committed) note(unit, result.revision)
      await pause()
      if (doubtful && unit.rows.some(({ table }) => table === 'messages') && chance() < 0.05)
        throw new TidingsError('STORE_UNAVAILABLE', 'The connection was lost; nobody knows whether it was committed.')
      return result
    },
  }
}

/** A reader that keeps everything, and is sometimes disconnected or slow. */
class Visitor {
  readonly rows = new Map<string, string>()
  readonly #taken: { readonly key: string; readonly text: string }[] = []
  readonly #history: History
  #last: string | undefined
  snapshots = 0
  changes = 0

  constructor(history: History) {
    this.#history = history
  }

  /** Visits one of the instances of the service. */
  async visit(services: readonly ServiceRuntime[], { pause, chance }: Late, itemsMax: number): Promise<void> {
    const after = this.#last === undefined || chance() < 0.1 ? {} : { after: this.#last }
    // A visit that waits until the end finds the service closed when it reconnects.
    const service = services.length === 1 ? services[0] : services[Math.floor(chance() * services.length)]
    const reader = await service?.live('room-messages', { roomId: 'r1' }, after).catch((error: unknown) => {
      if (isTidingsError(error, 'CLOSED')) return undefined
      throw error
    })
    if (reader === undefined) return
    for (let count = 0; count < itemsMax; count++) {
      const { value: item, done } = await reader.next()
      if (done === true || item === undefined) return
      this.#last = item.id
      if (item.kind === 'snapshot') {
        this.snapshots++
        this.rows.clear()
        for (const { key, row } of item.rows) this.#take(key, (row as { text: string }).text)
      } else {
        this.changes++
        if (item.kind === 'put') this.#take(item.key, (item.row as { text: string }).text)
        else this.rows.delete(item.key)
      }
      if (chance() < 0.3) await pause()
    }
    reader.close()
  }

  #take(key: string, text: string): void {
    this.rows.set(key, text)
    this.#taken.push({ key, text })
  }

  /** Looks at it afterwards: another instance may show a row before the commit is answered to the one that made it. */
  checkThatNoRowWentBack(): void {
    const seen = new Map<string, number>()
    for (const { key, text } of this.#taken) {
      const revision = this.#history.get(key)?.get(text) ?? -1
      expect(revision, `${key} went back to ${text}`).toBeGreaterThanOrEqual(seen.get(key) ?? 0)
      seen.set(key, revision)
    }
  }
}

async function race(
  kind: EngineKind,
  seed: number,
  doubtful: boolean,
): Promise<{ snapshots: number; changes: number }> {
  const random = createSeededRandom(seed)
  const clock = createManualClock()
  const made = kind.create()
  const rest = () => made.late?.rest() ?? turn()
  const timeouts = createManualTimeouts(clock, { rest: async () => void (await rest()) })
  const ids = createSequentialIds()
  const history: History = new Map()
  const timing: Late = {
    chance: () => random.next(),
    pause: async () => {
      if (random.next() < 0.4) for (let left = Math.floor(random.next() * 12); left > 0; left--) await undefined
      else await new Promise<void>((resolve) => timeouts.after(Math.floor(random.next() * 4), resolve))
    },
  }
  const environment = { clock, ids, timeouts, random, log: () => {} }
  const lookups = { ask: () => Promise.reject(new Error('nobody is asked')) }
  const [definition] = roomsWith({ limits: { liveChangesKeptMax: 12, liveBufferBytesMax: 400 } })
  if (definition === undefined) throw new Error('no service')
  const run = <T>(work: Promise<T>) => timeouts.runUntil(work)
  const opened: { readonly service: ServiceRuntime; readonly engine: Engine; readonly store: Store }[] = []
  for (let left = sharedEngines.includes(kind) ? 2 : 1; left > 0; left--) {
    const engine = await made.driver.open(environment)
    const store = late(await engine.openStore('rooms'), timing, history, doubtful)
    const options = { store, broker: engine.broker, environment, lookups }
    opened.push({ service: await run(ServiceRuntime.create(definition, options)), engine, store })
  }
  const services = opened.map(({ service }) => service)
  let number = 0
  const write = async (at = 0) => {
    const service = services[at % services.length] as ServiceRuntime
    for (let count = 0; count < 15; count++) {
      const messageId = 'abcdef'.charAt(Math.floor(random.next() * 6))
      const removed = random.next() < 0.25
      const roomId = random.next() < 0.25 ? 'r2' : 'r1'
      const text = `${++number}`
      const command = removed
        ? service.command('take', { messageId })
        : service.command('post', { messageId, roomId, text })
      await command.catch((error: unknown) => {
        if (!doubtful) throw error
      })
      await timing.pause()
    }
  }
  const visitors = Array.from({ length: 4 }, () => new Visitor(history))
  const visiting = visitors.map(async (visitor) => {
    for (let visit = 0; visit < 3; visit++) {
      await timing.pause()
      await visitor.visit(services, timing, 1 + Math.floor(random.next() * 8))
    }
    // The last visit continues to the end.
    await visitor.visit(services, timing, Number.POSITIVE_INFINITY)
  })
  const all = Promise.all(visiting)
  all.catch(() => {})
  await run(Promise.all([write(0), write(1), write(2)]))
  await run(Promise.all([write(0), write(1)]))
  await timeouts.advance(2_500)
  const found = run(
    Promise.resolve(
      opened[0]?.store.find({ table: 'messages', index: { column: 'roomId', equals: 'r1' }, limit: 100 }),
    ),
  )
  const expected = (await found)?.map(({ key, json }) => [key, (JSON.parse(json) as { text: string }).text])
  for (const visitor of visitors) expect([...visitor.rows].sort(), `seed ${seed}`).toEqual(expected)
  for (const visitor of visitors) visitor.checkThatNoRowWentBack()
  // The engine may still work on real files while nothing is scheduled any more.
  for (const service of services) {
    const closing = service.close()
    await run(closing).catch(() => closing)
  }
  await all
  for (const { engine } of opened) await engine.close()
  made.remove()
  return {
    snapshots: visitors.reduce((sum, { snapshots }) => sum + snapshots, 0),
    changes: visitors.reduce((sum, { changes }) => sum + changes, 0),
  }
}

for (const kind of [...engines, ...sharedEngines]) {
  for (const doubtful of [false, true]) {
    const what = doubtful ? ', some with an unknown outcome' : ''
    test(`Live queries (${kind.name}): no row goes back and no change is missed while commits are reported late and out of order${what}`, async () => {
      let snapshots = 0
      let changes = 0
      const first = doubtful ? 1_000 : 1
      for (let seed = first; seed < first + (kind.name === 'SQLite' ? 8 : 40); seed++) {
        const seen = await race(kind, seed, doubtful)
        snapshots += seen.snapshots
        changes += seen.changes
      }
      expect(changes, 'most changes come as changes').toBeGreaterThan(snapshots)
    })
  }
}
