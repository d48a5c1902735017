// The API that the suites of hostile input call: a service that keeps what it is sent and answers it again.
import { createHttpApi } from '@tidings/http'
import { nodeEnvironment } from '@tidings/node'
import { defineCommand, defineQuery, defineService, defineTable } from 'tidings'
import { memoryDriver } from 'tidings/memory'
import { createSystem } from 'tidings/runtime'
import { z } from 'zod'

// What a key cannot be, the schema refuses. Without that, it is a bug of the service, and a 500.
const key = z.string().regex(/^\P{Cc}{1,512}$/u)
const Keep = defineCommand('keep', { expose: true, input: z.object({ key, value: z.unknown() }) })
const Kept = defineQuery('kept', { expose: true, owner: 'echo', input: z.string(), output: z.unknown() })
const Any = defineCommand('any', { expose: true, input: z.unknown() })
const rows = defineTable('rows')
  .version(1, z.object({ key, value: z.unknown() }))
  .key((row) => row.key)

const echo = defineService('echo', { tables: { rows } })
const service = echo.with({
  any: echo.command(Any, {}, () => {}),
  keep: echo.command(Keep, {}, (input, { tables }) => {
    tables.rows.put(input)
  }),
  kept: echo.query(Kept, async (key, { tables }) => (await tables.rows.get(key))?.value),
})

/** Sends a request to the API; the path begins after the origin. */
export async function openEchoApi(): Promise<(path: string, init?: RequestInit) => Promise<Response>> {
  const environment = nodeEnvironment({ log: { level: 'silent' } })
  const system = await createSystem({ services: [service], driver: memoryDriver(), environment })
  const api = createHttpApi({ services: [...system.services.values()], environment })
  return (path, init = {}) =>
    api.fetch(
      new Request(`http://localhost${path}`, {
        method: 'POST',
        ...init,
        headers: { 'content-type': 'application/json', ...(init.headers as Record<string, string>) },
      }),
    )
}
