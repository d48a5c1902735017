// A process that has a store open and publishes an event each time it is asked to.

import { sqliteDriver } from '../../src/index.ts'
import { realEnvironment } from './real-environment.ts'
import { event, publish } from './units.ts'

const [directory = '', service = ''] = process.argv.slice(2)
const engine = await sqliteDriver({ directory, durability: 'process-crash' }).open(realEnvironment)
const store = await engine.openStore(service)
process.on('message', async (id) => process.send?.(await store.commit(publish(event(String(id), { source: service })))))
process.send?.('ready')
