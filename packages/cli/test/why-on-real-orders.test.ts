// P9: `why` on 200 random events of the real orders: the tree contains exactly the events with the same correlation id, each once, and
// all their deliveries. The expected events are read directly from the databases, not through the command.

import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { loadConfig, startSystem } from '@tidings/node'
import { type CausalNode, systemMap } from 'tidings/operations'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Operator } from '../src/system/operator.ts'
import { createTerminal } from '../src/terminal/terminal.ts'
import { collectConversation, findEvent } from '../src/why/collect-conversation.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const orders = path.resolve(root, '../shared/data/olist-sample')
const data = mkdtempSync(path.join(tmpdir(), 'tidings-why-'))

interface Known {
  readonly id: string
  readonly type: string
  readonly source: string
  readonly correlation: string
}
const events: Known[] = []

beforeAll(async () => {
  const report = path.join(data, 'report.json')
  const shop = path.join('examples', 'shop', 'main.ts')
  const args = [shop, '--orders', orders, '--report', report, '--data', data]
  await promisify(execFile)(process.execPath, args, { cwd: root })
  const { services } = await loadConfig(root)
  for (const { name } of services) {
    const database = new DatabaseSync(path.join(data, `${name}.db`), { readOnly: true })
    const rows = database.prepare('SELECT id, type, correlation_id FROM tidings_log').all()
    events.push(
      ...rows.map((row) => ({
        id: String(row.id),
        type: String(row.type),
        source: name,
        correlation: String(row.correlation_id),
      })),
    )
    database.close()
  }
}, 120_000)

afterAll(() => rmSync(data, { recursive: true, force: true }))

/** A generator of numbers from 0 to 1 (mulberry32), so that a failing run can be repeated. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

test('P9: the tree has every event of the correlation id, and names every delivery', async () => {
  expect(events.length).toBeGreaterThan(30_000)
  const config = await loadConfig(root)
  const listeners = new Map(systemMap(config.services).events.map(({ name, heardBy }) => [name, heardBy]))
  const running = await startSystem(config, { data, http: false, log: { level: 'silent' } })
  const { stdout, stderr } = process
  const interrupted = new AbortController().signal
  const invocation = {
    terminal: createTerminal({ stdout, stderr, env: {} }),
    cwd: root,
    env: {},
    interrupted,
    outliveReaders: () => {},
  }
  const operator = await Operator.open(invocation, { data })
  const seed = Number(process.env.TIDINGS_SEED ?? Date.now() % 2 ** 31)
  const random = randomFrom(seed)
  try {
    for (let count = 0; count < 200; count++) {
      const asked = events[Math.floor(random() * events.length)]
      if (asked === undefined) continue
      const reference = count % 2 === 0 ? asked.id : `${asked.type}/${asked.id}`
      const { tree } = await collectConversation(operator, await findEvent(operator, reference))
      const drawn: string[] = []
      const collect = ({ event, deliveries, consequences }: CausalNode): void => {
        drawn.push(`${event.source}/${event.id}`)
        const heard = [...new Set(deliveries.map(({ service }) => service))].sort()
        expect(heard, `seed ${seed}, ${event.id}`).toEqual([...(listeners.get(event.type) ?? [])].sort())
        for (const { state, at } of deliveries) expect([state, typeof at], `seed ${seed}`).toEqual(['done', 'number'])
        for (const consequence of consequences) collect(consequence)
      }
      for (const each of tree.roots) collect(each)
      const expected = events.filter(({ correlation }) => correlation === tree.correlationId)
      expect(drawn.sort(), `seed ${seed}, ${asked.id}`).toEqual(
        expected.map(({ source, id }) => `${source}/${id}`).sort(),
      )
      expect(tree.begunBy?.by, `seed ${seed}, ${asked.id}`).toMatch(/^command\//)
    }
  } finally {
    await operator.close()
    await running.close()
  }
}, 60_000)
