// P6 on the page: connections break and services stop, people go on talking, and everything they missed appears afterwards, once.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig, type RunningProcesses, startProcesses, startSystem } from '@tidings/node'
import { expect, onTestFinished, test } from 'vitest'
import config from '../../tidings.config.ts'
import { openLine } from './line.ts'
import { chatTime, composer, lines, message, openRoom, pass, person, say, theSite, useSite } from './site.ts'

useSite()

const folder = () => {
  const data = mkdtempSync(join(tmpdir(), 'chat-away-'))
  onTestFinished(() => rmSync(data, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }))
  return data
}

test('P6: a lost connection is shown and comes back by itself: nothing is missing, nothing is there twice', async () => {
  const roomId = await openRoom()
  const line = await openLine(theSite().url)
  const ann = await person('Ann', roomId)
  const bob = await person('Bob', roomId, { url: line.url })
  await say(ann, 'Before')
  await message(bob, 'Before').waitFor()
  line.cut()
  await bob.getByRole('status').getByText('Reconnecting…').waitFor()
  await say(ann, 'Meanwhile')
  await composer(ann).press('ArrowUp')
  await composer(ann).fill('Meanwhile, changed')
  await composer(ann).press('Enter')
  await message(ann, 'Meanwhile, changed').waitFor()
  await composer(bob).fill('Here I am')
  await composer(bob).press('Enter')
  await bob.getByRole('alert').getByText('There is no connection just now.').waitFor()
  line.restore()
  await message(bob, 'Meanwhile, changed').waitFor()
  await bob.getByRole('status').getByText('Connected again.').waitFor({ state: 'attached' })
  expect(await bob.getByText('Reconnecting…').count()).toBe(0)
  expect(await bob.getByRole('log').getByRole('article').count()).toBe(2)
  await composer(bob).press('Enter')
  await message(ann, 'Here I am').waitFor()
})

test('P6: without impulses and courier the chat goes on; when they are back, they catch up on the open pages', async () => {
  const data = folder()
  const names = config.services.map(({ name }) => name).filter((name) => name !== 'impulses' && name !== 'courier')
  const log = { level: 'silent' } as const
  const first = await startSystem(config, { data, http: { port: 0 }, services: names, log, now: chatTime })
  const url = first.httpUrl ?? ''
  const roomId = await openRoom('Lobby', url)
  const ann = await person('Ann', roomId, { url })
  const bob = await person('Bob', roomId, { url })
  await ann.getByRole('status').getByText('Nudges are asleep for a moment. The chat goes on.').waitFor()
  await say(bob, 'Ann: hello there')
  await say(ann, 'Bob: hello. Which way is north?')
  await say(bob, 'Ann: up')
  await say(ann, 'What time is it where you are?')
  await message(bob, 'What time').waitFor()
  await pass(12, first)
  await first.close()

  const port = Number(new URL(url).port)
  const second = await startSystem(config, { data, http: { port }, log, now: chatTime })
  onTestFinished(() => second.close())
  await pass(0, second)
  await bob.getByRole('region', { name: /A question is waiting/ }).waitFor({ timeout: 20_000 })
  await lines(ann).filter({ hasText: 'A nudge went to Bob' }).last().waitFor()
  expect(await ann.getByText('asleep for a moment').count()).toBe(0)
  await say(bob, 'Five to six')
  await message(ann, 'Five to six').waitFor()
  expect(await ann.getByRole('log').getByRole('article').count()).toBe(5)
})

const signal = (running: RunningProcesses, services: readonly string[], name: NodeJS.Signals) => {
  for (const { service, pid } of running.processes)
    if (services.includes(service) && pid !== undefined) process.kill(pid, name)
}

test('P6: each service in a process: some are paused, one is killed, and two people go on talking', async () => {
  const path = join(import.meta.dirname, '../../tidings.config.ts')
  const running = await startProcesses(await loadConfig(path), path, {
    data: folder(),
    http: { port: 0 },
    log: { level: 'silent' },
  })
  const still = ['impulses', 'courier', 'threads', 'insights', 'moderation']
  onTestFinished(async () => {
    signal(running, still, 'SIGCONT')
    await running.close()
  })
  const url = running.httpUrl
  const roomId = await openRoom('Lobby', url)
  const ann = await person('Ann', roomId, { url })
  const bob = await person('Bob', roomId, { url })
  await say(ann, 'Does anybody know how to mount an NTFS partition?')
  await message(bob, 'NTFS').waitFor()

  signal(running, still, 'SIGSTOP')
  signal(running, ['attachments'], 'SIGKILL')
  await say(bob, 'Ann: install ntfs-3g')
  await message(ann, 'ntfs-3g').waitFor()
  await say(ann, 'Bob: that worked, thank you!')
  await message(bob, 'that worked').waitFor()

  // A paused service continues where it was: the conversation is found later.
  signal(running, still, 'SIGCONT')
  await message(ann, 'mount an NTFS').getByRole('button', { name: '2 replies' }).waitFor()
  // The service that stores the messages is killed: it comes back by itself.
  signal(running, ['rooms'], 'SIGKILL')
  await composer(ann).fill('Still there?')
  await expect
    .poll(
      async () => {
        if ((await composer(ann).inputValue()) !== '') await composer(ann).press('Enter')
        return message(bob, 'Still there?').count()
      },
      { timeout: 20_000 },
    )
    .toBe(1)
  expect(await bob.getByRole('log').getByRole('article').count()).toBe(4)
})
