// A body may be as large as the payloads that its service takes.

import { expect, test } from 'vitest'
import { createHttpApi } from '../src/index.ts'
import { runningRooms } from './rooms.ts'

async function post(limits: { readonly payloadBytesMax?: number }, text: string): Promise<number> {
  const { services, environment } = await runningRooms(limits)
  const answer = await createHttpApi({ services, environment }).fetch(
    new Request('http://localhost/rooms/commands/post-message', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ messageId: 'm', roomId: 'r', text }),
    }),
  )
  return answer.status
}

test('a service that raises payloadBytesMax takes such bodies without another setting', async () => {
  const text = 'x'.repeat(1_500_000)
  expect(await post({}, text)).toBe(413)
  expect(await post({ payloadBytesMax: 2_000_000 }, text)).toBe(200)
})
