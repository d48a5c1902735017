// A process is killed between commits: what was acknowledged is there, and no unit of work is there in part.

import { expect, test } from 'vitest'
import { startChild } from './processes/child.ts'
import { openEngine, temporaryFolder } from './test-engine.ts'

test.each(['power-loss', 'process-crash'] as const)(
  'P1: after SIGKILL every unit is whole or absent (%s)',
  async (durability) => {
    const folder = temporaryFolder()
    for (let life = 1; life <= 3; life++) {
      const child = await startChild('hammer.ts', folder, durability)
      let acknowledged = Number(await child.ask('go'))
      for (let round = 0; round < 20 * life; round++) acknowledged = Number(await child.hear())
      await child.kill()
      const engine = await openEngine(folder, { durability })
      const store = await engine.openStore('orders')
      const rows = await store.count('orders')
      const events = await store.readEventLog({ after: '', limit: 1_000_000 })
      const facts = await store.readFacts({ after: '', limit: 1_000_000 })
      expect([events.events.length, facts.facts.length]).toEqual([rows, rows])
      expect(rows).toBeGreaterThanOrEqual(acknowledged)
      expect(events.events.map(({ id }) => id)).toEqual(Array.from({ length: rows }, (_, index) => `o${index + 1}`))
      await engine.close()
    }
  },
)
