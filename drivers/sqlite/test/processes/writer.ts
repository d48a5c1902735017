// A process that has a store open and publishes an event each time it is asked to. It answers with the result, or with
// the code and the message of the error.

import { sqliteDriver } from '../../src/index.ts'
import { realEnvironment } from './real-environment.ts'
import { event, publish } from './units.ts'

const [directory = '', service = ''] = process.argv.slice(2)
const engine = await sqliteDriver({ directory, durability: 'process-crash' }).open(realEnvironment)
const store = await engine.openStore(service)
const write = (id: string) => store.commit(publish(event(id, { source: service })))
process.on('message', async (id) =>
  process.send?.(await write(String(id)).catch(({ code, message }) => ({ code, message }))),
)
process.send?.('ready')
