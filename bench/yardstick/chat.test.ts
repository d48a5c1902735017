// The hand-written room does the whole work: a post reaches every open reader and is in the snapshot of a later one.

import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeMessage } from '../chat.ts'
import { makeFolder, removeFolder } from '../harness/folders.ts'
import { startLiveReaders } from '../harness/live-readers.ts'
import { openChat } from './chat.ts'
import { openDatabase } from './open-database.ts'

let folder = ''
beforeEach(() => {
  folder = makeFolder()
})
afterEach(() => removeFolder(folder))

test('each post reaches every reader and is committed with its event', async () => {
  const chat = await openChat({ folder, durability: 'process-crash' }, 100)
  const readers = await startLiveReaders({ ...chat, readerCount: 5 })
  const latencies = await readers.post({ count: 4, everyMs: 1 })
  expect(latencies).toHaveLength(20)
  expect(Math.min(...latencies)).toBeGreaterThan(0)
  const late = await fetch(chat.liveUrl)
  const reading = late.body?.pipeThrough(new TextDecoderStream()).getReader()
  const snapshot = (await reading?.read())?.value ?? ''
  expect(snapshot).toMatch(/^event: snapshot\nid: 4\n/)
  expect(snapshot.split('"sentAt"')).toHaveLength(5)
  await reading?.cancel()
  const refused = await fetch(chat.postUrl, {
    method: 'POST',
    body: JSON.stringify({ ...makeMessage(9, 0), text: 7 }),
  })
  expect(refused.status).toBe(422)
  await readers.close()
  chat.close()
  const { sqlite, close } = openDatabase(folder, 'rooms', 'process-crash')
  const counts = 'SELECT (SELECT count(*) FROM messages) AS messages, (SELECT count(*) FROM outbox) AS events'
  expect(sqlite.prepare(counts).get()).toEqual({ messages: 4, events: 4 })
  close()
})
