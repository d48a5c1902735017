// The parts of other services on the page: conversations, files with verdicts, nudges.
import { expect, test } from 'vitest'
import { composer, lines, message, openRoom, pass, person, say, theSite, useSite } from './site.ts'

useSite()

test('a conversation is shown beside the room, and on a narrow page above it', async () => {
  const roomId = await openRoom()
  const ann = await person('Ann', roomId)
  const bob = await person('Bob', roomId, { viewport: { width: 390, height: 844 } })
  await say(ann, 'Does anybody know how to mount an NTFS partition?')
  await say(bob, 'Ann: install ntfs-3g, then mount it')
  await say(ann, 'Bob: that worked, thank you!')
  await message(ann, 'NTFS').getByRole('button', { name: '2 replies' }).click()
  const beside = ann.getByRole('complementary', { name: 'Conversation' })
  await beside.getByText('that worked').waitFor()
  expect(await beside.getByRole('article').count()).toBe(3)
  await say(bob, 'Ann: glad to hear it')
  await beside.getByText('glad to hear it').waitFor()
  await ann.getByRole('button', { name: 'Close the conversation' }).click()
  await beside.getByRole('heading', { name: 'Lately here' }).waitFor()

  await message(bob, 'NTFS')
    .getByRole('button', { name: /replies/ })
    .click()
  const sheet = bob.getByRole('dialog', { name: 'Conversation' })
  await sheet.getByText('install ntfs-3g').waitFor()
  await bob.keyboard.press('Escape')
  await sheet.waitFor({ state: 'detached' })
})

const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=='

test('a file is checked first: an image is shown, a text can be saved, a program is refused with the reasons', async () => {
  const roomId = await openRoom()
  const ann = await person('Ann', roomId)
  const bob = await person('Bob', roomId)
  const send = async (name: string, mimeType: string, buffer: Buffer) => {
    await ann.getByLabel('Add a file').setInputFiles({ name, mimeType, buffer })
    await ann.getByText(name).waitFor()
    await ann.getByRole('button', { name: 'Send' }).click()
  }
  await send('dot.png', 'image/png', Buffer.from(pixel, 'base64'))
  await bob.getByRole('img', { name: 'dot.png' }).waitFor()
  expect(
    await bob.getByRole('img', { name: 'dot.png' }).evaluate((image: HTMLImageElement) => image.naturalWidth),
  ).toBe(1)
  await send('notes.txt', 'text/plain', Buffer.from('Bring bread.'))
  const [download] = await Promise.all([
    bob.waitForEvent('download'),
    bob.getByRole('link', { name: 'notes.txt' }).click(),
  ])
  expect(download.suggestedFilename()).toBe('notes.txt')
  await send('run.txt', 'text/plain', Buffer.from('#!/bin/sh\nrm -rf /'))
  await bob.getByText('run.txt was refused.').waitFor()
  expect(await bob.locator('.file.refused li').count()).toBeGreaterThan(0)
  await ann
    .getByLabel('Add a file')
    .setInputFiles({ name: 'big.bin', mimeType: 'text/plain', buffer: Buffer.alloc(102_401) })
  await ann.getByRole('alert').getByText('at most 100 KB').waitFor()
})

test('a nudge is a quiet card for its receiver, and one line for the others', async () => {
  const roomId = await openRoom()
  const ann = await person('Ann', roomId)
  const bob = await person('Bob', roomId)
  await say(bob, 'Ann: hello there')
  await say(ann, 'Which way is north?')
  await say(bob, 'Ann: up')
  await say(ann, 'What time is it there?')
  await pass(11)
  const card = bob.getByRole('log').getByRole('region', { name: /A question is waiting/ })
  await card.getByText('Nobody has answered this question yet').waitFor()
  await lines(ann).filter({ hasText: 'A nudge went to Bob' }).waitFor()
  expect(await ann.getByRole('region', { name: /A question is waiting/ }).count()).toBe(0)
  await card.getByRole('button', { name: 'Show the message' }).click()
  await expect
    .poll(() => message(bob, 'What time is it').evaluate((element) => element === document.activeElement))
    .toBe(true)
})

test('the page is served with its policy, and connects to no other origin', async () => {
  const roomId = await openRoom()
  const asked: string[] = []
  const ann = await person('Ann', roomId)
  ann.on('request', (request) => asked.push(new URL(request.url()).origin))
  await ann.reload()
  await composer(ann).waitFor()
  expect(new Set(asked)).toEqual(new Set([theSite().url]))
  const { headers } = await fetch(theSite().url)
  expect(headers.get('content-security-policy')).toContain("default-src 'self'")
})
