// `tidings start --all`, as a real command: a process for each service, which is started again if it ends, and an end in order.

import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { linesOf } from './looping-folder.ts'
import { killAll, postJson, type RunningBin, runBin, startBin, until } from './run-bin.ts'

const timeout = 55_000
const config = path.join(import.meta.dirname, 'supervised')
const folder = mkdtempSync(path.join(tmpdir(), 'tidings-start-all-'))

afterAll(() => {
  killAll()
  rmSync(folder, { recursive: true, force: true })
})

const begin = (more: readonly string[] = [], env: Readonly<Record<string, string>> = {}): RunningBin => {
  const data = mkdtempSync(path.join(folder, 'data-'))
  const running = startBin(['start', '--all', '--config', config, '--data', data, ...more], { cwd: folder, env })
  onTestFinished(() => running.signal('SIGKILL'))
  return running
}

function freePort(): Promise<number> {
  const server = createServer()
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      server.close(() => resolve(port))
    })
  })
}

interface Started {
  readonly running: RunningBin
  readonly http: string
  readonly health: string | null
  readonly processes: readonly { readonly service: string; readonly pid: number }[]
}

async function started(more: readonly string[] = []): Promise<Started> {
  const running = begin(['--json', ...more])
  return { running, ...((await running.nextJson()) as Omit<Started, 'running'>) }
}

const pidOf = ({ processes }: Started, service: string) => processes.find((each) => each.service === service)?.pid ?? 0
const ping = async ({ http }: Started) => (await postJson(`${http}/answers/queries/ping`, {})).json()
const work = (url: string, id: string, waitMs = 0) => postJson(`${url}/works/commands/work`, { id, waitMs })

test('a service that crashes is started again, and the others go on in their processes', { timeout }, async () => {
  const all = await started(['--health', '0'])
  const probe = async () => (await fetch(`${all.health}/readyz`)).text()
  expect((await probe()).trim()).toBe('ok')
  await postJson(`${all.http}/works/commands/end`, {})
  await until(probe, (text) => text.trim() === 'starting')
  expect(await ping(all)).toEqual({ pid: pidOf(all, 'answers') })
  expect((await fetch(`${all.health}/livez`)).status).toBe(200)
  await until(
    () => work(all.http, 'a'),
    ({ status }) => status === 200,
  )
  await until(probe, (text) => text.trim() === 'ok')
  expect(await ping(all), 'the same process').toEqual({ pid: pidOf(all, 'answers') })
  all.running.signal('SIGTERM')
  const { code, stderr } = await all.running.ended
  expect(code).toBe(0)
  expect(linesOf(stderr)).toContainEqual(
    expect.objectContaining({ msg: 'A process has ended and will be restarted', service: 'works', code: 9 }),
  )
})

test('SIGTERM drains: a command in progress is answered, its data are kept, and the exit code is 0', {
  timeout,
}, async () => {
  const all = await started()
  const answer = work(all.http, 'slow', 1_500)
  await all.running.printed(/(begins slow)/)
  all.running.signal('SIGTERM')
  const { status } = await answer
  expect(status).toBe(200)
  const { code, stdout } = await all.running.ended
  expect(code).toBe(0)
  expect(stdout.trimEnd().split('\n').at(-1)).toBe('{"kind":"ended"}')
})

test('a signal that reaches every process at once ends them in order, and starts none again', { timeout }, async () => {
  const all = await started()
  const answer = work(all.http, 'slow', 1_000)
  await all.running.printed(/(begins slow)/)
  all.running.signal('SIGTERM')
  for (const { pid } of all.processes) process.kill(pid, 'SIGTERM')
  expect((await answer).status).toBe(200)
  const { code, stderr } = await all.running.ended
  expect(code).toBe(0)
  expect(stderr).not.toContain('restarted')
})

test('every line says whose it is', { timeout }, async () => {
  const running = begin()
  const http = await running.printed(/http +(\S+)/)
  await work(http, 'a')
  await running.printed(/^works {3}\| begins a$()/m)
  running.signal('SIGINT')
  const { code, stdout, stderr } = await running.ended
  expect(code).toBe(0)
  expect(stdout).toMatch(/supervised {2}2 services, each in a process of its own/)
  expect(stdout.trimEnd().split('\n').at(-1)).toBe('Ended.')
  expect(stderr).toBe('works   | to stderr\n')
})

test('as JSON, every line is an object', { timeout }, async () => {
  const all = await started()
  await work(all.http, 'a')
  await all.running.printed(/(begins a)/)
  const { stdout, stderr } = await all.running.interrupt()
  const lines = `${stdout}${stderr}`
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines).toContainEqual({ kind: 'printed', service: 'works', output: 'stdout', line: 'begins a' })
  expect(lines).toContainEqual({ kind: 'printed', service: 'works', output: 'stderr', line: 'to stderr' })
})

test('a process that does not end in time is killed, and the exit code says so', { timeout }, async () => {
  const all = await started()
  process.kill(pidOf(all, 'works'), 'SIGSTOP')
  all.running.signal('SIGTERM')
  const { code, stderr } = await all.running.ended
  expect(code).toBe(6)
  expect(stderr).toContain('did not end in time')
})

test('a service that cannot start yet is tried again while the others run, and does not keep them from ending', {
  timeout,
}, async () => {
  const port = await freePort()
  const running = begin(['--json', '--port', String(port)], { AWAY: 'works' })
  const ask = () => postJson(`http://127.0.0.1:${port}/answers/queries/ping`, {}).catch(() => ({ status: 0 }))
  await until(ask, ({ status }) => status === 200)
  await running.logged(/The store of works is away/)
  expect((await work(`http://127.0.0.1:${port}`, 'a')).status).toBe(503)
  running.signal('SIGTERM')
  const { code, stderr } = await running.ended
  expect(code).toBe(0)
  expect(linesOf(stderr)).toContainEqual(
    expect.objectContaining({ service: 'works', error: 'The store of works is away.' }),
  )
})

test.each([
  [[], 'Name one service, or start all of them with --all.'],
  [['works', '--all'], 'Name one service, or start all of them with --all.'],
])(
  'start %j is wrong usage',
  async (args, message) => {
    const { code, stderr } = await runBin(['start', ...args, '--config', config], { cwd: folder })
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)])
  },
  timeout,
)
