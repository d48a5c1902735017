// Reading a live query over connections that fail: silence, an end within an event, a service that is down.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import type { LiveChange } from '../src/index.ts'
import { readLive } from '../src/read-live.ts'

const shown = (result: IteratorResult<LiveChange, unknown>): string => {
  if (result.done === true) return 'end'
  const { value } = result
  return value.kind === 'snapshot' ? `snapshot ${value.rows.map(({ key }) => key)}` : `${value.kind} ${value.key}`
}

test('a silent connection counts as lost; after one that ends within an event, reading continues before that event', async () => {
  // Answers by what was read before, not by the number of the request: on a busy machine, any connection may be silent for too long.
  const lastIds: unknown[] = []
  const event = (kind: string, item: number, data: object) =>
    `event: ${kind}\nid: x.1.${item}\ndata: ${JSON.stringify(data)}\n\n`
  let wasDown = false
  const server = createServer((request, response) => {
    const lastId = request.headers['last-event-id']
    if (lastId !== lastIds.at(-1) || lastIds.length === 0) lastIds.push(lastId)
    const isDown = lastId === 'x.1.1' && !wasDown
    response.writeHead(isDown ? 503 : 200, { 'content-type': 'text/event-stream' })
    if (lastId === undefined) response.write(event('snapshot', 0, { rows: [] }))
    else if (lastId === 'x.1.0')
      response.end(`${event('put', 1, { key: 'a', row: {} })}${event('put', 2, {}).slice(0, 20)}`)
    else if (isDown) response.end('{"code":"service-down"}')
    else response.write(`: \n\n${event('remove', 2, { key: 'a' })}`)
    wasDown ||= isDown
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  onTestFinished(() => server.closeAllConnections())
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const { signal } = new AbortController()
  const items = readLive({ url, headers: async () => ({}), after: undefined, signal, silenceMs: 200 })
  expect([await items.next(), await items.next(), await items.next()].map((item) => shown(item))).toEqual([
    'snapshot ',
    'put a',
    'remove a',
  ])
  expect({ lastIds, wasDown }).toEqual({ lastIds: [undefined, 'x.1.0', 'x.1.1'], wasDown: true })
  await items.return()
})
