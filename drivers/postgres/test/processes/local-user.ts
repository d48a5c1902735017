// A process that uses the local server of a folder until it is told to leave. `exits` ends without closing the server.
import { localPostgres } from '../../src/local.ts'

const [directory = '', how] = process.argv.slice(2)
const server = await localPostgres({ directory })
process.send?.({ pid: server.pid, url: server.url, data: server.data })
process.once('message', async () => {
  if (how === 'exits') process.exit(0)
  await server.close()
  process.disconnect()
})
