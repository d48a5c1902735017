// The live queries of the page, over HTTP: each part is shown live, and the contents of files never.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@tidings/client'
import { startSystem } from '@tidings/node'
import { expect, test } from 'vitest'
import { AddAttachment, RoomAttachments } from '../services/attachments/contract.ts'
import attachments from '../services/attachments/index.ts'
import { RoomImpulses } from '../services/courier/contract.ts'
import courier from '../services/courier/index.ts'
import { MemberList, RegisterMember } from '../services/members/contract.ts'
import members from '../services/members/index.ts'
import { OpenRoom, PostMessage, RoomEntries, Rooms } from '../services/rooms/contract.ts'
import rooms from '../services/rooms/index.ts'
import { RoomLinks } from '../services/threads/contract.ts'
import threads from '../services/threads/index.ts'
import config from '../tidings.config.ts'

test('rooms, members, entries, links and files are shown live', async () => {
  const data = mkdtempSync(join(tmpdir(), 'chat-'))
  const running = await startSystem(config, { data, http: { port: 0 } })
  const client = createClient({
    url: running.httpUrl ?? '',
    services: { members, rooms, threads, attachments, courier },
  })
  const roomId = 'r1'
  // The first that is shown and the first change of it.
  const firstTwo = async (items: AsyncIterable<unknown>, change: () => Promise<unknown>) => {
    const iterator = items[Symbol.asyncIterator]()
    const snapshot = (await iterator.next()).value
    await change()
    const put = (await iterator.next()).value
    await iterator.return?.()
    return [snapshot, put]
  }
  try {
    expect(
      await firstTwo(client.members.live(MemberList, {}), () =>
        client.members.command(RegisterMember, { memberId: 'm1', name: 'ann' }),
      ),
    ).toMatchObject([{ rows: [] }, { key: 'm1', row: { name: 'ann' } }])
    expect(
      await firstTwo(client.rooms.live(Rooms, {}), () => client.rooms.command(OpenRoom, { roomId, title: 'Room' })),
    ).toMatchObject([{ rows: [] }, { row: { roomId, title: 'Room' } }])
    const message = { messageId: 'a', roomId, authorId: 'm1', text: 'Anybody there?' }
    expect(
      await firstTwo(client.rooms.live(RoomEntries, { roomId }), () => client.rooms.command(PostMessage, message)),
    ).toMatchObject([{ rows: [] }, { row: { kind: 'message', text: 'Anybody there?' } }])
    const answer = { ...message, messageId: 'b', text: 'I am.' }
    await running.settled({ timeoutMs: 10_000 })
    expect(
      await firstTwo(client.threads.live(RoomLinks, { roomId }), () => client.rooms.command(PostMessage, answer)),
    ).toMatchObject([
      { rows: [{ row: { messageId: 'a', answersId: null, rootId: 'a' } }] },
      { row: { messageId: 'b' } },
    ])
    const file = { attachmentId: 'f1', roomId, memberId: 'm1', fileName: 'a.txt', mediaType: 'text/plain' }
    const content = Buffer.from('A secret until it was judged.').toString('base64')
    const shown = await firstTwo(client.attachments.live(RoomAttachments, { roomId }), () =>
      client.attachments.command(AddAttachment, { ...file, content }),
    )
    expect(shown).toMatchObject([{ rows: [] }, { row: { attachmentId: 'f1', verdict: 'pending' } }])
    await running.settled({ timeoutMs: 10_000 })
    for await (const later of client.attachments.live(RoomAttachments, { roomId })) {
      expect(later).toMatchObject({ rows: [{ row: { verdict: 'allowed' } }] })
      expect(JSON.stringify([shown, later])).not.toContain(content)
      break
    }
    for await (const none of client.courier.live(RoomImpulses, { roomId })) {
      expect(none).toMatchObject({ kind: 'snapshot', rows: [] })
      break
    }
  } finally {
    client.close()
    await running.close()
    rmSync(data, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  }
})
