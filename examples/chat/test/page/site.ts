// The configured chat on a free port, and a browser. All tests of a file share both; every test has its own rooms and people.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@tidings/client'
import { type RunningSystem, startSystem } from '@tidings/node'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished, vi } from 'vitest'
import { webhookVariable } from '../../services/courier/post-impulse.ts'
import { OpenRoom } from '../../services/rooms/contract.ts'
import rooms from '../../services/rooms/index.ts'
import { startSink, type WebhookSink } from '../../sink/webhook-sink.ts'
import config from '../../tidings.config.ts'
import { startBrowser } from './browser.ts'

/** The chat and the browser of the tests. */
export interface Site {
  readonly browser: Browser
  readonly running: RunningSystem
  readonly url: string
}

// A morning in Berlin, outside of quiet hours. The time runs at normal speed, and a test can advance it.
const startedAt = Date.now()
let morning = Date.UTC(2026, 4, 5, 8)

/** The chat's time of day. */
export const chatTime = (): number => morning + (Date.now() - startedAt)

/** Advances the time of a chat that runs on `chatTime`, and lets due timers fire. */
export async function pass(minutes: number, running: RunningSystem = theSite().running): Promise<void> {
  await running.settled({ timeoutMs: 10_000 })
  morning += minutes * 60_000
  for (let moved = 1; moved > 0; ) {
    moved = 0
    for (const service of running.system.services.values()) moved += await service.tick()
    await running.settled({ timeoutMs: 10_000 })
  }
}

let site: Site | undefined
let count = 0

/** The chat and the browser, while the tests of a file run. */
export function theSite(): Site {
  if (site === undefined) throw new Error('Call useSite() in this test file.')
  return site
}

/** Opens the site before the tests of a file, and closes it after them. */
export function useSite(): void {
  // A browser is slow on a busy machine; otherwise everything appears within a second.
  vi.setConfig({ testTimeout: 60_000 })
  const data = mkdtempSync(join(tmpdir(), 'chat-page-'))
  let sink: WebhookSink | undefined
  beforeAll(async () => {
    sink = await startSink()
    process.env[webhookVariable] = sink.url
    const [running, browser] = await Promise.all([
      startSystem(config, { data, http: { port: 0 }, log: { level: 'error' }, now: chatTime }),
      startBrowser(),
    ])
    site = { browser, running, url: running.httpUrl ?? '' }
  }, 60_000)
  afterAll(async () => {
    await site?.browser.close()
    await site?.running.close()
    await sink?.close()
    rmSync(data, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  }, 60_000)
}

/** Opens a room for one test; returns its id. */
export async function openRoom(title = 'Lobby', url = theSite().url): Promise<string> {
  const roomId = `room-${process.pid}-${++count}`
  const client = createClient({ url, services: { rooms } })
  await client.rooms.command(OpenRoom, { roomId, title })
  client.close()
  return roomId
}

/** A person with their own browser context, in a room. Errors of their page fail the test, unless it provokes them. */
export async function person(
  name: string,
  roomId: string,
  options: BrowserContextOptions & { readonly url?: string; readonly provokes?: boolean } = {},
): Promise<Page> {
  const { url = theSite().url, provokes = false, ...contextOptions } = options
  const context = await theSite().browser.newContext({
    ...{
      viewport: { width: 1280, height: 800 },
      locale: 'en-GB',
      timezoneId: 'Europe/Berlin',
      reducedMotion: 'reduce',
    },
    ...contextOptions,
  })
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(error.message))
  page.on('console', (message) => {
    // The browser also reports connections that a test interrupts.
    if (message.type() === 'error' && !/Failed to load resource|ERR_/.test(message.text())) errors.push(message.text())
  })
  onTestFinished(async () => {
    await context.close()
    if (!provokes) expect(errors).toEqual([])
  })
  await page.goto(`${url}/#${roomId}`)
  await page.getByLabel('Name', { exact: true }).fill(name)
  await page.getByRole('button', { name: 'Come in' }).click()
  await lines(page)
    .filter({ hasText: `${name} came in` })
    .waitFor()
  return page
}

/** Writes a message and sends it. */
export async function say(page: Page, text: string): Promise<void> {
  await composer(page).fill(text)
  await composer(page).press('Enter')
  await message(page, text).waitFor()
}

/** The text field. */
export const composer = (page: Page) => page.getByRole('textbox', { name: /^Message to|^Change your/ })

/** Messages of the timeline with a text. */
export const message = (page: Page, text: string) =>
  page
    .getByRole('log')
    .getByRole('article')
    .filter({ has: page.locator('.text, .gone', { hasText: text }) })

/** Quiet lines of the timeline. */
export const lines = (page: Page) => page.getByRole('log').locator('.line')
