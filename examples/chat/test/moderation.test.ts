// `attachments` and `moderation`: one publishes that a file was added, the other looks it up and judges it by its bytes.
import { createSession, given } from '@tidings/testing'
import { TidingsError } from 'tidings'
import { expect, test } from 'vitest'
import {
  AddAttachment,
  AttachmentAdded,
  AttachmentById,
  AttachmentToJudge,
  contentBytesMax,
} from '../services/attachments/contract.ts'
import attachments from '../services/attachments/index.ts'
import { AttachmentJudged, VerdictOnAttachment } from '../services/moderation/contract.ts'
import moderation from '../services/moderation/index.ts'
import { judge } from '../services/moderation/judge.ts'

const base64 = (bytes: string | readonly number[]) => Buffer.from(bytes as string).toString('base64')
// The smallest whole files of their kinds.
const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const gif = 'R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7'
const jpeg = base64([0xff, 0xd8, 0xff, 0xe0, 0, 0x10, 0x4a, 0x46, 0x49, 0x46, 0, 1])
const webp = 'UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA'
const exe = base64([0x4d, 0x5a, 0x90, 0, 3, 0, 0, 0])
const elf = base64([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0])
const zip = base64([0x50, 0x4b, 3, 4, 20, 0])

const file = { attachmentId: 'f1', roomId: 'r1', memberId: 'm1', fileName: 'dot.png', mediaType: 'image/png' }
const picture = { ...file, content: png }
const occurredAt = new Date('2010-08-17T18:00:00Z')
const row = { ...file, bytes: 70, addedAt: occurredAt.toISOString(), verdict: 'pending' as const, reasons: [] }
const added = given(attachments).tables({
  attachments: [row],
  contents: [{ attachmentId: 'f1', content: png }],
})

test.each([
  ['a PNG', 'dot.png', 'image/png', png],
  ['a GIF', 'DOT.GIF', 'image/gif', gif],
  ['a JPEG', 'my.holiday.jpeg', 'image/jpeg', jpeg],
  ['a WebP', 'dot.webp', 'image/webp', webp],
  ['a PDF', 'paper.pdf', 'application/pdf', base64('%PDF-1.7\n')],
  ['a text', 'xorg.log', 'text/plain', base64('(EE) no screens found\r\n\tübel 🐎')],
])('%s is allowed', (_, fileName, mediaType, content) => {
  expect(judge({ fileName, mediaType, content })).toEqual([])
})

const lies = /is not of the type/
const hides = /could hide a program/
test.each([
  ['a program called a picture', 'dot.png', 'image/png', exe, lies],
  ['a program called a text', 'notes.txt', 'text/plain', elf, lies],
  ['bytes that are not UTF-8, called a text', 'notes.txt', 'text/plain', base64([0x61, 0xff, 0xfe, 0x62]), lies],
  ['a GIF called a PNG', 'dot.png', 'image/png', gif, lies],
  ['an archive called a PDF', 'paper.pdf', 'application/pdf', zip, lies],
  ['a RIFF that is not a WebP', 'dot.webp', 'image/webp', base64('RIFF\u0024\u0000\u0000\u0000WAVEfmt '), lies],
  ['a page called a text', 'page.txt', 'text/plain', base64(' <!DOCTYPE html><script>'), lies],
  ['a script called a text', 'run.txt', 'text/plain', base64('#!/bin/sh\nrm -rf ~'), lies],
  ['a program', 'setup.exe', 'application/x-msdownload', exe, /of the type application\/x-msdownload/],
  ['a picture that runs scripts', 'dot.svg', 'image/svg+xml', base64('<svg/>'), /of the type image\/svg\+xml/],
  ['an executable extension before the last', 'dot.exe.png', 'image/png', png, hides],
  ['an executable extension behind a picture’s', 'dot.png.scr', 'image/png', png, hides],
  ['a name read backwards', 'dot\u202Egnp.exe.png', 'image/png', png, hides],
  ['a name that ends in a dot', 'dot.png.', 'image/png', png, hides],
  ['a name of another type', 'dot.txt', 'image/png', png, /does not match its type/],
  ['a name without an extension', 'dot', 'image/png', png, /does not match its type/],
  ['nothing at all', 'dot.png', 'image/png', '', /empty/],
  ['too much', 'dot.png', 'image/png', base64(new Array(contentBytesMax + 1).fill(0)), /more than 102400 bytes/],
  ['a fraud', 'win.txt', 'text/plain', base64('FREE\n  ＢＩＴＣＯＩＮ for you'), /not allowed here/],
])('%s is refused', (_, fileName, mediaType, content, reason) => {
  expect(judge({ fileName, mediaType, content }).join(' ')).toMatch(reason)
})

test('an attachment is published by its id; nobody sees its content before it is judged', async () => {
  await given(attachments)
    .when(AddAttachment, picture, { occurredAt })
    .then({
      published: [[AttachmentAdded, { attachmentId: 'f1', roomId: 'r1' }, { key: 'f1', occurredAt }]],
      tables: { attachments: [row] },
    })
  await added.when(AttachmentById, { attachmentId: 'f1' }).thenAnswers({ ...row, content: null })
  await added.when(AttachmentToJudge, { attachmentId: 'f1' }).thenAnswers(picture)
  await added.when(AttachmentById, { attachmentId: 'f2' }).thenGone()
  await added.when(AddAttachment, picture).thenNothing()
  await added.when(AddAttachment, { ...picture, content: png.replace('fFcSJ', 'fFcSK') }).thenRejected('already-added')
  await added.when(AddAttachment, { ...picture, memberId: 'm2' }).thenRejected('already-added')
})

test('a verdict shows the content, or deletes it', async () => {
  await added
    .when(AttachmentJudged, { attachmentId: 'f1', verdict: 'allowed', reasons: [] })
    .then({ tables: { attachments: [{ ...row, verdict: 'allowed' }] } })
  const refusal = { verdict: 'refused' as const, reasons: ['No.'] }
  await added
    .when(AttachmentJudged, { attachmentId: 'f1', ...refusal })
    .then({ tables: { attachments: [{ ...row, ...refusal }], contents: [] } })
  await given(attachments)
    .when(AttachmentJudged, { attachmentId: 'f9', ...refusal })
    .thenNothing()
})

test.each([
  ['more than 100 KB', { content: 'A'.repeat(4 * 34_134) }],
  ['what is no base64', { content: '<script>' }],
  ['a path for a name', { fileName: '../../etc/passwd' }],
  ['a line end in a name', { fileName: 'a\n.png' }],
  ['a media type that is none', { mediaType: 'image/png\r\nX: y' }],
])('the service refuses %s', async (_, wrong) => {
  await given(attachments)
    .when(AddAttachment, { ...picture, ...wrong })
    .thenFails('INVALID_PAYLOAD')
})

test('the largest attachment is accepted', async () => {
  const content = base64(new Array(contentBytesMax).fill(0))
  await given(attachments)
    .when(AddAttachment, { ...picture, content })
    .then({ tables: { attachments: [expect.objectContaining({ bytes: contentBytesMax })] } })
})

test('moderation judges what it looks up, waits if the lookup fails, and ignores a deleted attachment', async () => {
  const heard = { attachmentId: 'f1', roomId: 'r1' }
  const judged = { attachmentId: 'f1', verdict: 'allowed' as const, reasons: [] }
  await given(moderation)
    .lookups(AttachmentToJudge, () => picture)
    .when(AttachmentAdded, heard, { occurredAt })
    .then({
      published: [[AttachmentJudged, judged, { key: 'f1' }]],
      tables: { verdicts: [{ ...judged, judgedAt: occurredAt.toISOString() }] },
    })
  await given(moderation)
    .lookups(AttachmentToJudge, () => undefined)
    .when(AttachmentAdded, heard)
    .thenNothing()
  await given(moderation)
    .lookups(AttachmentToJudge, () => {
      throw new TidingsError('LOOKUP_UNAVAILABLE', 'Service attachments does not run.')
    })
    .when(AttachmentAdded, heard)
    .thenFails('LOOKUP_UNAVAILABLE')
})

test('files that are added while moderation is down are judged when it is back', async () => {
  await using session = await createSession({ services: [attachments, moderation] })
  await session.stop(moderation)
  await session.command(attachments, AddAttachment, picture)
  await session.command(attachments, AddAttachment, { ...picture, attachmentId: 'f2', content: exe })
  const verdict = async (attachmentId: string) => (await session.query(AttachmentById, { attachmentId }))?.verdict
  expect([await verdict('f1'), await verdict('f2')]).toEqual(['pending', 'pending'])
  await session.start(moderation)
  await session.settled()
  expect([await verdict('f1'), await verdict('f2')]).toEqual(['allowed', 'refused'])
  expect(await session.query(AttachmentById, { attachmentId: 'f1' })).toMatchObject({ content: png })
  expect(await session.query(AttachmentById, { attachmentId: 'f2' })).toMatchObject({ content: null })
  expect(await session.query(VerdictOnAttachment, { attachmentId: 'f2' })).toMatchObject({
    reasons: [expect.stringMatching(lies)],
  })
})
