// A room by hand on node:http: a post is validated, committed with its event, and written to all readers as the same bytes.
// Invariant: readers get only committed messages; a new reader begins with the newest ones.

import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { uuidv7 } from 'uuidv7'
import { Message, newestCount, roomId } from '../chat.ts'
import type { Place } from '../work.ts'
import { openGroupCommit } from './group-commit.ts'
import { openDatabase } from './open-database.ts'
import { type EventType, openOutbox } from './outbox.ts'

/** What it publishes. */
const messagePosted: EventType<Message> = { name: 'message-posted', schema: Message }

const heartbeatMs = 15_000

/** Opens the room and its server. */
export async function openChat({ folder, durability }: Place, connectionCountMax: number) {
  const database = openDatabase(folder, 'rooms', durability)
  const { sqlite } = database
  sqlite.exec(`CREATE TABLE messages (
      number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, room_id TEXT NOT NULL, data TEXT NOT NULL);
    CREATE INDEX messages_room ON messages (room_id, number)`)
  const { publish } = openOutbox(database)
  const together = openGroupCommit(database)
  const insert = sqlite.prepare(`INSERT INTO messages (id, room_id, data) VALUES (?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET room_id = excluded.room_id, data = excluded.data RETURNING number`)
  const newest = sqlite.prepare('SELECT number, data FROM messages WHERE room_id = ? ORDER BY number DESC LIMIT ?')
  const readers = new Map<string, Set<ServerResponse>>()

  async function post(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const pieces: Buffer[] = []
    for await (const piece of incoming) pieces.push(piece as Buffer)
    const parsed = Message.safeParse(JSON.parse(Buffer.concat(pieces).toString()))
    if (!parsed.success) {
      outgoing.writeHead(422).end()
      return
    }
    const message = parsed.data
    const commandId = uuidv7()
    let number = 0
    let data = ''
    await together(() => {
      const row = Message.parse(message)
      data = JSON.stringify(row)
      number = Number(insert.get(row.messageId, row.roomId, data)?.number)
      const cause = { correlationId: commandId, causationId: commandId, occurredAt: Date.now() }
      publish(messagePosted, message.roomId, message, cause)
    })
    const bytes = Buffer.from(`event: put\nid: ${number}\ndata: ${data}\n\n`)
    for (const reader of readers.get(message.roomId) ?? []) reader.write(bytes)
    outgoing.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ commandId }))
  }

  function read(room: string, outgoing: ServerResponse): void {
    const rows = newest.all(room, newestCount).reverse()
    const list = rows.map(({ data }) => data).join(',')
    outgoing.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    outgoing.write(`event: snapshot\nid: ${rows.at(-1)?.number ?? 0}\ndata: {"rows":[${list}]}\n\n`)
    const all = readers.get(room) ?? new Set()
    readers.set(room, all.add(outgoing))
    outgoing.once('close', () => all.delete(outgoing))
  }

  const server = createServer((incoming, outgoing) => {
    const { pathname, searchParams } = new URL(incoming.url ?? '/', 'http://localhost')
    if (incoming.method === 'GET' && pathname === '/live') return read(searchParams.get('room') ?? '', outgoing)
    post(incoming, outgoing).catch(() => outgoing.destroy())
  })
  server.maxConnections = connectionCountMax
  const heartbeat = setInterval(() => {
    for (const all of readers.values()) for (const reader of all) reader.write(': \n\n')
  }, heartbeatMs)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    postUrl: `${url}/messages`,
    liveUrl: `${url}/live?room=${roomId}`,
    close: () => {
      clearInterval(heartbeat)
      server.closeAllConnections()
      server.close()
      database.close()
    },
  }
}
