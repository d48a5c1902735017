// The configured chat on SQLite, over HTTP: what people need is exposed, and what only services use has no endpoint.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@tidings/client'
import { startSystem } from '@tidings/node'
import { expect, test } from 'vitest'
import { AddAttachment, AttachmentById } from '../services/attachments/contract.ts'
import attachments from '../services/attachments/index.ts'
import { ChatSummary } from '../services/insights/contract.ts'
import insights from '../services/insights/index.ts'
import { RegisterMember } from '../services/members/contract.ts'
import members from '../services/members/index.ts'
import { OpenRoom, PostMessage, RoomMessages } from '../services/rooms/contract.ts'
import rooms from '../services/rooms/index.ts'
import config from '../tidings.config.ts'

test('people chat over HTTP, and internal commands and queries have no endpoint', async () => {
  const data = mkdtempSync(join(tmpdir(), 'chat-'))
  const running = await startSystem(config, { data, http: { port: 0 } })
  const client = createClient({ url: running.httpUrl ?? '', services: { members, rooms, attachments, insights } })
  try {
    await client.members.command(RegisterMember, { memberId: 'm1', name: '<b>ann</b>' })
    await client.rooms.command(OpenRoom, { roomId: 'r1', title: 'Room 1' })
    await running.settled({ timeoutMs: 10_000 })
    const message = { messageId: 'a', roomId: 'r1', authorId: 'm1', text: 'Anybody \u202Ethere?' }
    await client.rooms.command(PostMessage, message)
    const posted = await client.rooms.query(RoomMessages, { roomId: 'r1' })
    expect(posted).toMatchObject([{ text: message.text, authorName: '<b>ann</b>' }])

    const forged = { ...message, messageId: 'b', authorName: 'root', action: false, attachmentId: null }
    const post = async (path: string, input: unknown) => {
      const headers = { 'content-type': 'application/json' }
      const answer = await fetch(`${running.httpUrl}/${path}`, { method: 'POST', headers, body: JSON.stringify(input) })
      return [answer.status, ((await answer.json()) as { code: string }).code]
    }
    expect(await post('rooms/commands/record-message', forged)).toEqual([404, 'UNKNOWN_COMMAND'])
    expect(await post('rooms/commands/post-notice', { roomId: 'r1', text: 'x' })).toEqual([404, 'UNKNOWN_COMMAND'])
    const file = { attachmentId: 'f1', roomId: 'r1', memberId: 'm1', fileName: 'run.txt', mediaType: 'text/plain' }
    await client.attachments.command(AddAttachment, { ...file, content: Buffer.from('#!/bin/sh').toString('base64') })
    expect(await post('attachments/queries/attachment-to-judge', { attachmentId: 'f1' })).toEqual([
      404,
      'UNKNOWN_QUERY',
    ])
    await running.settled({ timeoutMs: 10_000 })
    expect(await client.attachments.query(AttachmentById, { attachmentId: 'f1' })).toMatchObject({ verdict: 'refused' })
    expect(await client.insights.query(ChatSummary, {})).toMatchObject({ messages: 1, questions: 1, members: 1 })
  } finally {
    await client.close()
    await running.close()
    rmSync(data, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  }
})
