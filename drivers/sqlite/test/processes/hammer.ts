// A process that commits one row, one fact and one event at a time, as fast as it can, and reports what was acknowledged.

import { type Durability, sqliteDriver } from '../../src/index.ts'
import { realEnvironment } from './real-environment.ts'
import { append, event, put } from './units.ts'

const [directory = '', durability = ''] = process.argv.slice(2)
const engine = await sqliteDriver({ directory, durability: durability as Durability }).open(realEnvironment)
const store = await engine.openStore('orders')
await store.ensureTable({ name: 'orders', indexes: [] })
process.send?.('ready')

let number = await store.count('orders')
async function commitOne(): Promise<void> {
  number += 1
  const name = `o${number}`
  await store.commit({ ...put('orders', name, {}), appends: [append(name, 0, 1)], events: [event(name)] })
}
process.on('message', async () => {
  for (;;) {
    await Promise.all([commitOne(), commitOne(), commitOne()])
    process.send?.(number)
  }
})
