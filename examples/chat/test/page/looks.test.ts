// The page on small and large screens, light and dark, with the keyboard only, and with a screen reader.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { composer, message, openRoom, pass, person, say, useSite } from './site.ts'

useSite()

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface Axe {
  run(options: unknown): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }>
}

async function troubles(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe)
  return await page.evaluate(async () => {
    const { violations } = await (globalThis as unknown as { axe: Axe }).axe.run({ resultTypes: ['violations'] })
    return violations
      .filter(({ impact }) => impact !== 'minor')
      .map(({ id, impact, nodes }) => `${id} (${impact}): ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`)
  })
}

/** A room with one entry of every kind. */
async function everything() {
  const roomId = await openRoom('Lobby')
  const ann = await person('Ann', roomId)
  const bob = await person('Bob', roomId)
  await say(ann, 'Does anybody know how to mount an NTFS partition? https://example.org/ntfs')
  await say(bob, 'Ann: install ntfs-3g')
  await say(ann, `A${'a'.repeat(300)}h`)
  await say(ann, '/me thanks Bob'.slice(4))
  await say(bob, 'This was a mistake')
  await message(bob, 'This was a mistake')
    .getByRole('button', { name: /^Actions/ })
    .click()
  await bob.getByRole('button', { name: 'Take back…' }).click()
  await bob.getByRole('button', { name: 'Take back', exact: true }).click()
  await message(bob, 'ntfs-3g')
    .getByRole('button', { name: /^Actions/ })
    .click()
  await bob.getByRole('button', { name: 'React: heart' }).click()
  await say(ann, 'What else should I know?')
  await pass(11)
  await bob.getByRole('region', { name: /A question is waiting/ }).waitFor()
  return { ann, bob }
}

const sizes = [
  { width: 1280, height: 800 },
  { width: 390, height: 844 },
]

test('there is no serious accessibility problem at both widths, light and dark', async () => {
  const { bob } = await everything()
  for (const viewport of sizes) {
    await bob.setViewportSize(viewport)
    for (const colorScheme of ['light', 'dark'] as const) {
      await bob.emulateMedia({ colorScheme })
      expect(await troubles(bob)).toEqual([])
    }
    await message(bob, 'What else')
      .getByRole('button', { name: /^Actions/ })
      .click()
    expect(await troubles(bob)).toEqual([])
    await bob.keyboard.press('Escape')
    await message(bob, 'mount an NTFS').getByRole('button', { name: /repl/ }).click()
    expect(await troubles(bob)).toEqual([])
    await bob.getByRole('button', { name: 'Close the conversation' }).click()
    await bob.getByRole('button', { name: 'Help and keys' }).click()
    expect(await troubles(bob)).toEqual([])
    await bob.keyboard.press('Escape')
  }
  await bob.getByRole('button', { name: /^Rooms/ }).click()
  await bob.getByRole('button', { name: /quiet hours/ }).waitFor()
  expect(await troubles(bob)).toEqual([])
  await bob.getByRole('button', { name: /quiet hours/ }).click()
  expect(await troubles(bob)).toEqual([])
})

test.each([...sizes, { width: 320, height: 640 }, { width: 800, height: 600 }])(
  'at $width pixels nothing overflows, and the composer is visible',
  async (viewport) => {
    const { bob } = await everything()
    await bob.setViewportSize(viewport)
    const over = () =>
      bob.evaluate(() =>
        [document.documentElement, ...document.querySelectorAll('.timeline, .side, .beside, .sheet')]
          .filter((element) => element.scrollWidth > element.clientWidth)
          .map((element) => element.className || element.tagName),
      )
    await expect.poll(over).toEqual([])
    const box = await composer(bob).boundingBox()
    expect(box === null ? Infinity : box.y + box.height).toBeLessThanOrEqual(viewport.height)
    expect(box?.y ?? 0).toBeGreaterThan(viewport.height / 2)
    await message(bob, 'What else')
      .getByRole('button', { name: /^Actions/ })
      .click()
    await expect.poll(over).toEqual([])
    await bob.keyboard.press('Escape')
    await message(bob, 'mount an NTFS').getByRole('button', { name: /repl/ }).click()
    await expect.poll(over).toEqual([])
  },
)

test('touch targets are large enough on a narrow page', async () => {
  const { bob } = await everything()
  await bob.setViewportSize({ width: 390, height: 844 })
  await message(bob, 'What else')
    .getByRole('button', { name: /^Actions/ })
    .click()
  const small = await bob.evaluate(() =>
    [...document.querySelectorAll('button, input:not([type=file]), .room-link, .attach')]
      .map((element) => ({ what: element.outerHTML.slice(0, 80), box: element.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 2 && (box.height < 39.5 || box.width < 39.5))
      .map(({ what, box }) => `${what}: ${box.width} × ${box.height}`),
  )
  expect(small).toEqual([])
})

test('with a dark colour scheme the page is dark and its text is light', async () => {
  const ann = await person('Ann', await openRoom(), { colorScheme: 'light' })
  const brightness = () =>
    ann.evaluate(() => {
      const sum = (color: string) =>
        (color.match(/\d+/g) ?? []).slice(0, 3).reduce((total, each) => total + Number(each), 0)
      const { color } = getComputedStyle(document.querySelector('.room-head h1') as Element)
      const { backgroundColor } = getComputedStyle(document.querySelector('.room') as Element)
      return { letters: sum(color), ground: sum(backgroundColor) }
    })
  const day = await brightness()
  await ann.emulateMedia({ colorScheme: 'dark' })
  const night = await brightness()
  expect(day.ground).toBeGreaterThan(day.letters)
  expect(night.letters).toBeGreaterThan(night.ground)
  expect(night.ground).toBeLessThan(200)
})

test('with the keyboard only you can come in, write, go through the messages, react, edit and read the help', async () => {
  const roomId = await openRoom()
  const bob = await person('Bob', roomId)
  const ann = await person('Ann', roomId)
  const focused = () => ann.evaluate(() => document.activeElement?.id ?? '')
  await expect.poll(focused).toBe('composer')
  await ann.keyboard.type('First')
  await ann.keyboard.press('Enter')
  await message(bob, 'First').waitFor()
  await say(bob, 'Second')
  await message(ann, 'Second').waitFor()

  await ann.reload()
  await message(ann, 'Second').waitFor()
  await ann.keyboard.press('Tab')
  expect(await ann.evaluate(() => document.activeElement?.textContent)).toBe('Skip to writing a message')
  await ann.keyboard.press('Enter')
  expect(await focused()).toBe('composer')

  // Tab reaches one of the messages, the arrow keys reach the others, and each has a visible focus.
  for (let tabs = 0; !(await focused()).startsWith('m-'); tabs++) {
    expect(tabs).toBeLessThan(12)
    await ann.keyboard.press('Shift+Tab')
  }
  await ann.keyboard.press('Home')
  expect(await message(ann, 'First').evaluate((element) => element === document.activeElement)).toBe(true)
  const outline = await ann.evaluate(() => getComputedStyle(document.activeElement as Element).outlineStyle)
  expect(outline).toBe('solid')
  await ann.keyboard.press('ArrowDown')
  await ann.keyboard.press('Enter')
  await expect
    .poll(() => ann.evaluate(() => document.activeElement?.getAttribute('aria-label')))
    .toBe('React: thumbs up')
  await ann.keyboard.press('Enter')
  await message(bob, 'Second').getByRole('button', { name: '👍 1 by Ann' }).waitFor()

  await ann.keyboard.press('/')
  expect(await focused()).toBe('composer')
  await ann.keyboard.press('ArrowUp')
  await ann.keyboard.press('End')
  await ann.keyboard.type(', changed')
  await ann.keyboard.press('Enter')
  await message(bob, 'First, changed').waitFor()

  await ann.getByRole('log').getByRole('article').first().focus()
  await ann.keyboard.press('t')
  await ann.getByRole('complementary', { name: 'Conversation' }).getByText('First, changed').waitFor()
  await ann.keyboard.press('Escape')
  await ann.getByRole('heading', { name: 'Lately here' }).waitFor()
  await ann.keyboard.press('?')
  await ann.getByRole('dialog', { name: 'Help and keys' }).waitFor()
  await ann.keyboard.press('Escape')
  await ann.getByRole('dialog').waitFor({ state: 'detached' })
  expect(await focused()).toMatch(/^m-/)
})
