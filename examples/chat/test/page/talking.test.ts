// Two people with a browser each: everything that one says and does appears on the other's page without a reload.
import { createClient } from '@tidings/client'
import { expect, test } from 'vitest'
import { RegisterMember } from '../../services/members/contract.ts'
import members from '../../services/members/index.ts'
import { PostMessage } from '../../services/rooms/contract.ts'
import rooms from '../../services/rooms/index.ts'
import { composer, lines, message, openRoom, person, say, theSite, useSite } from './site.ts'

useSite()

const actions = { name: /^Actions for/ }

test('two people talk, and see each other come in', async () => {
  const roomId = await openRoom('Lobby')
  const ann = await person('Ann', roomId)
  const bob = await person('Bob', roomId)
  await lines(ann).filter({ hasText: 'Bob came in' }).waitFor()
  await say(ann, 'Hello Bob,\nhow are you?')
  await message(bob, 'how are you?').waitFor()
  await say(bob, 'Fine, thank you')
  await message(ann, 'Fine, thank you').waitFor()
  expect(
    await message(ann, 'Fine, thank you').getByRole('banner').or(message(ann, 'Fine').locator('.by')).innerText(),
  ).toMatch(/^Bob/)
  await composer(bob).fill('/me waves')
  await composer(bob).press('Enter')
  await message(ann, 'Bob waves').waitFor()
  await composer(ann).fill('one')
  await composer(ann).press('Shift+Enter')
  await composer(ann).pressSequentially('two')
  await composer(ann).press('Enter')
  expect(await message(bob, 'one').locator('.text').innerText()).toBe('one\ntwo')
  await expect.poll(() => ann.getByRole('log').getByRole('article').count()).toBe(4)
})

test('a message is edited, reacted to, and taken back', async () => {
  const roomId = await openRoom()
  const ann = await person('Ann', roomId)
  const bob = await person('Bob', roomId)
  await say(ann, 'The train leaves at four')
  await composer(ann).press('ArrowUp')
  await composer(ann).fill('The train leaves at five')
  await composer(ann).press('Enter')
  await message(bob, 'at five').getByText('(edited)').waitFor()

  await message(bob, 'at five').getByRole('button', actions).click()
  expect(await bob.getByRole('button', { name: 'Edit' }).count()).toBe(0)
  await bob.getByRole('button', { name: 'React: thumbs up' }).click()
  const reaction = message(ann, 'at five').getByRole('button', { name: '👍 1 by Bob' })
  await reaction.click()
  await message(bob, 'at five').getByRole('button', { name: '👍 2 by you and Ann' }).waitFor()
  await message(ann, 'at five').getByRole('button', { name: '👍 2 by Bob and you', pressed: true }).click()
  await message(bob, 'at five').getByRole('button', { name: '👍 1 by you', exact: true }).waitFor()

  await message(ann, 'at five').getByRole('button', actions).click()
  await ann.getByRole('button', { name: 'Take back…' }).click()
  await ann.getByRole('button', { name: 'Keep it' }).click()
  await ann.getByRole('button', { name: 'Take back…' }).click()
  await ann.getByRole('button', { name: 'Take back', exact: true }).click()
  await message(bob, 'taken back').waitFor()
  expect(await bob.getByText('The train leaves').count()).toBe(0)
})

test('a new name appears on every page, and earlier messages keep the old name', async () => {
  const roomId = await openRoom()
  const ann = await person('Ann', roomId)
  const bob = await person('Bob', roomId)
  await say(ann, 'I am Ann')
  await ann.getByRole('button', { name: /Name and quiet hours/ }).click()
  await ann.getByLabel('Name', { exact: true }).fill('Anna')
  await ann.getByRole('button', { name: 'Save' }).click()
  // The dialog ends after the second of its two commands, and nobody can write until then.
  await ann.getByRole('dialog').waitFor({ state: 'hidden' })
  await bob.getByRole('complementary').getByText('Anna').waitFor()
  await theSite().running.settled({ timeoutMs: 10_000 })
  await say(ann, 'I am Anna')
  await message(bob, 'I am Anna')
    .locator('.author', { hasText: /^Anna$/ })
    .first()
    .waitFor()
  await message(bob, 'I am Ann').first().locator('.author', { hasText: /^Ann$/ }).first().waitFor()
  await ann.reload()
  await message(ann, 'I am Anna').waitFor()
  expect(await lines(ann).filter({ hasText: 'came in' }).count()).toBe(2)
})

test('a message that cannot be sent stays in the composer, and is posted once', async () => {
  const roomId = await openRoom()
  const ann = await person('Ann', roomId)
  const bob = await person('Bob', roomId)
  let asked = 0
  await ann.route('**/rooms/commands/post-message', async (route) => {
    asked++
    // The first request is lost, and then the answer to the second.
    if (asked === 1) return route.abort()
    if (asked === 2) await route.fetch()
    return asked === 2 ? route.abort() : route.continue()
  })
  await composer(ann).fill('Is this thing on?')
  for (const times of [1, 2]) {
    await composer(ann).press('Enter')
    await ann.getByRole('alert').getByText('There is no connection just now.').waitFor()
    await expect.poll(() => asked).toBe(times)
    await expect.poll(() => ann.getByRole('button', { name: 'Send' }).getAttribute('aria-disabled')).toBe('false')
    expect(await composer(ann).inputValue()).toBe('Is this thing on?')
  }
  await composer(ann).press('Enter')
  await expect.poll(() => composer(ann).inputValue()).toBe('')
  await say(ann, 'It is')
  await message(bob, 'It is').waitFor()
  expect(await message(bob, 'Is this thing on?').count()).toBe(1)
})

test('unread messages are counted in the list and in the title, until the room is opened', async () => {
  const [one, other] = [await openRoom('One'), await openRoom('Other')]
  const ann = await person('Ann', one)
  const bob = await person('Bob', other)
  await say(bob, 'Anybody?')
  await say(bob, 'Hello?')
  const link = ann.getByRole('navigation').getByRole('link', { name: /^Other\s*, 2 unread$/ })
  await link.waitFor()
  await expect.poll(() => ann.title()).toMatch(/^\(\d+\) One/)
  await link.click()
  await message(ann, 'Hello?').waitFor()
  await ann.getByRole('navigation').getByRole('link', { name: 'Other', exact: true }).waitFor()
  await ann.goBack()
  await ann.getByRole('log', { name: 'Messages in One' }).waitFor()
})

test('older messages are loaded when you scroll up, and the page keeps its place while others talk', async () => {
  const roomId = await openRoom()
  const client = createClient({ url: theSite().url, services: { members, rooms } })
  await client.members.command(RegisterMember, { memberId: 'old', name: 'Old' })
  for (let index = 0; index < 150; index++) {
    const messageId = `${roomId}-${String(index).padStart(3, '0')}`
    await client.rooms.command(PostMessage, { messageId, roomId, authorId: 'old', text: `Number ${index}.` })
  }
  client.close()
  const ann = await person('Ann', roomId)
  const bob = await person('Bob', roomId)
  await message(ann, 'Number 149.').waitFor()
  expect(await message(ann, 'Number 40.').count()).toBe(0)
  await ann.getByRole('log').evaluate((log) => log.scrollTo(0, 0))
  await message(ann, 'Number 0.').waitFor({ state: 'attached' })
  await ann.getByRole('button', { name: 'Earlier messages' }).waitFor({ state: 'detached' })
  await ann.getByRole('log').evaluate((log) => log.scrollTo(0, 300))
  const before = await ann.getByRole('log').evaluate((log) => log.scrollTop)
  await say(bob, 'Something new')
  await ann.getByRole('button', { name: /New messages/ }).waitFor()
  expect(await ann.getByRole('log').evaluate((log) => log.scrollTop)).toBe(before)
  expect(await ann.getByRole('log').getByRole('article').count()).toBe(151)
  await ann.getByRole('button', { name: /New messages/ }).click()
  expect(await message(ann, 'Something new').isVisible()).toBe(true)
})

test('nothing is lost if you write faster than the answers come', async () => {
  const ann = await person('Ann', await openRoom())
  const answered = Promise.withResolvers<void>()
  await ann.route('**/commands/post-message', async (route) => {
    await answered.promise
    await route.continue()
  })
  await composer(ann).fill('First')
  await composer(ann).press('Enter')
  await composer(ann).fill('Second')
  await composer(ann).press('Enter')
  answered.resolve()
  for (const text of ['First', 'Second']) await message(ann, text).waitFor()
  await expect.poll(() => composer(ann).inputValue()).toBe('')
})

test('a button near the end does not move away when it is pressed', async () => {
  const roomId = await openRoom()
  const ann = await person('Ann', roomId)
  for (let index = 0; index < 20; index++) await say(ann, `Line ${index}`)
  const log = ann.getByRole('log')
  const top = () => log.evaluate((element) => element.scrollTop)
  const end = await top()
  await log.evaluate((element) => element.scrollBy(0, -20))
  await expect.poll(top).toBe(end - 20)
  await message(ann, 'Line 18').click()
  await expect.poll(() => message(ann, 'Line 18').evaluate((element) => element === document.activeElement)).toBe(true)
  expect(await top()).toBe(end - 20)
})

test('a room is opened and left', async () => {
  const ann = await person('Ann', await openRoom('Hall'))
  await ann.getByLabel('A new room').fill('Küche & Keller')
  await ann.getByRole('button', { name: 'Open' }).click()
  await ann.getByRole('log', { name: 'Messages in Küche & Keller' }).waitFor()
  await lines(ann).filter({ hasText: 'Ann came in' }).waitFor()
  await ann.getByRole('button', { name: 'Leave' }).click()
  await lines(ann).filter({ hasText: 'Ann left' }).waitFor()
})
