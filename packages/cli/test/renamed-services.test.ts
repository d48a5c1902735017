// The real command on a system one of whose services is renamed: forgotten at first, then declared. And on the wrong data folder.

import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { killAll, postJson, type RunningBin, runBin, startBin, until } from './run-bin.ts'

const fixture = fileURLToPath(new URL('renamed', import.meta.url))
const folder = mkdtempSync(path.join(tmpdir(), 'tidings-renamed-'))
const data = path.join(folder, 'data')
const about = ['--config', fixture, '--data', data]

afterAll(() => {
  killAll()
  rmSync(folder, { recursive: true, force: true })
})

type Env = Readonly<Record<string, string>>

async function start(service: string, env: Env = {}): Promise<RunningBin & { readonly url: string }> {
  const running = startBin(['start', service, '--json', '--log', 'info', ...about], { cwd: folder, env })
  const { http } = await running.nextJson()
  return { ...running, url: String(http) }
}

const send = async (url: string, service: string, number: number) =>
  expect((await postJson(`${url}/${service}/commands/send`, { number })).status).toBe(200)

async function numbersRead(url: string): Promise<readonly number[]> {
  const answer = await postJson(`${url}/reader/queries/read`, {})
  return ((await answer.json()) as { numbers: number[] }).numbers
}

test('a renamed service whose old name is not declared leaves a store that belongs to no service: start, status and check say so', async () => {
  const post = await start('post')
  const reader = await start('reader')
  await send(post.url, 'post', 1)
  await send(post.url, 'post', 2)
  await until(
    () => numbersRead(reader.url),
    ({ length }) => length === 2,
  )
  await reader.interrupt()
  expect((await post.interrupt()).stderr).not.toContain('belongs to no service')

  const env = { NAME: 'mail' }
  const mail = await start('mail', env)
  const status = await runBin(['status', ...about], { cwd: folder, env })
  expect(status.stdout.replaceAll(/\s+/g, ' ')).toContain(
    "The store of post belongs to no service. If the service was renamed, declare `was: 'post'`",
  )
  const json = await runBin(['status', '--json', ...about], { cwd: folder, env })
  expect(JSON.parse(json.stdout).strays).toEqual(['post'])
  const checked = await runBin(['check', 'post', ...about], { cwd: folder, env })
  expect(checked).toMatchObject({ code: 0, stderr: expect.stringContaining('The store of post belongs to no service') })
  const { stderr } = await mail.interrupt()
  const lines = stderr.split('\n').filter((line) => line.includes('The store of post belongs to no service'))
  expect(lines).toHaveLength(1)
  rmSync(path.join(data, 'mail.db'))
}, 120_000)

test('P3: a renamed service with its old name takes over the store, and its readers go on where they were', async () => {
  const env = { NAME: 'mail', WAS: 'post' }
  const mail = await start('mail', env)
  const reader = await start('reader', env)
  await send(mail.url, 'mail', 3)
  expect(
    await until(
      () => numbersRead(reader.url),
      ({ length }) => length >= 3,
    ),
  ).toEqual([1, 2, 3])
  expect(readdirSync(data).filter((name) => name.startsWith('post'))).toEqual([])
  const json = await runBin(['status', '--json', ...about], { cwd: folder, env })
  expect(JSON.parse(json.stdout).strays).toEqual([])
  await reader.interrupt()
  expect((await mail.interrupt()).stderr).not.toContain('belongs to no service')
}, 120_000)

test('status in the wrong data folder says where the services run, and a second start which process has the store', async () => {
  const env = { NAME: 'mail', WAS: 'post' }
  const mail = await start('mail', env)
  const wrong = ['--config', fixture, '--data', path.join(folder, 'other')]
  const status = await runBin(['status', ...wrong], { cwd: folder, env })
  expect(status.code).not.toBe(0)
  expect(status.stderr.replaceAll(/\s+/g, ' ')).toContain(`add \`--data ${data}\` to look there`)
  const second = await runBin(['start', 'mail', '--json', ...about], { cwd: folder, env })
  expect(second.code).not.toBe(0)
  expect(second.stderr).toMatch(/"STORE_LOCKED".*open in process \d+/)
  await mail.interrupt()
}, 120_000)

test('a store whose lock cannot be taken has the reason in its row of status, and the others are shown', async () => {
  const env = { NAME: 'mail' }
  rmSync(path.join(data, 'mail.lock'), { force: true })
  mkdirSync(path.join(data, 'mail.lock'))
  const json = await runBin(['status', '--json', ...about], { cwd: folder, env })
  const { stopped, unopened } = JSON.parse(json.stdout)
  expect(stopped).toMatchObject([{ service: 'reader' }])
  expect(unopened).toMatchObject([
    {
      service: 'mail',
      code: 'STORE_UNAVAILABLE',
      message: expect.stringMatching(/mail\.lock: unable to open database file/),
    },
  ])
  const text = await runBin(['status', ...about], { cwd: folder, env })
  expect(text.stdout.replaceAll(/\s+/g, ' ')).toMatch(
    /mail not running STORE_UNAVAILABLE .*unable to open database file/,
  )
}, 60_000)
