// What the watchdog leaves alone, and what ends a process that loops: signals, and the end of its supervisor.

import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { EventParser, type SentEvent } from '@tidings/http/wire'
import { expect, onTestFinished, test } from 'vitest'
import { Looping, linesOf, loop, loopingFolder, realTime } from './looping-folder.ts'
import { postJson, type RunningBin, startBin, startNode, until } from './run-bin.ts'

const timeout = 40_000
const blockedMsMax = 500

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Sends a signal again and again until the process has ended. */
async function signalUntilEnded(running: RunningBin, signal: NodeJS.Signals) {
  const again = setInterval(() => running.signal(signal), 100)
  return running.ended.finally(() => clearInterval(again))
}

test('a process that was stopped for longer than blockedMsMax lives when it goes on', { timeout }, async () => {
  const running = await new Looping().start()
  for (let times = 0; times < 5; times++) {
    running.signal('SIGSTOP')
    await realTime(2 * blockedMsMax)
    running.signal('SIGCONT')
    await loop(running.http, 'nowhere')
  }
  running.signal('SIGTERM')
  expect(await running.ended).toMatchObject({ code: 0, stderr: '' })
})

test.for(['SIGTERM', 'SIGINT'] as const)(
  '%s ends a process that loops, long before its watchdog does',
  { timeout },
  async (signal) => {
    const running = await new Looping({ BLOCKED_MS: '3600000' }).start()
    void loop(running.http, 'command')
    await realTime(100)
    expect(await signalUntilEnded(running, signal)).toMatchObject({ signal })
  },
)

test('a process that is debugged is not ended by its watchdog, but by SIGTERM', { timeout }, async () => {
  const running = await new Looping({ NODE_OPTIONS: '--inspect=127.0.0.1:0' }).start()
  void loop(running.http, 'command')
  await realTime(6 * blockedMsMax)
  expect(isAlive(running.pid)).toBe(true)
  expect(await signalUntilEnded(running, 'SIGTERM')).toMatchObject({ signal: 'SIGTERM' })
})

test('a debugger that is opened while the process loops keeps it alive', { timeout }, async () => {
  const running = await new Looping({ BLOCKED_MS: '1500' }).start()
  void loop(running.http, 'command')
  await realTime(300)
  running.signal('SIGUSR1')
  await realTime(4_000)
  expect(isAlive(running.pid)).toBe(true)
  running.signal('SIGKILL')
})

test('the driver’s own long work is not ended: an index of a large table', { timeout: 2 * timeout }, async () => {
  const looping = new Looping()
  const first = await looping.start()
  await loop(first.http, 'nowhere')
  // The table comes into the file with its first row.
  const ask = async () => (await postJson(`${first.http}/queries/ask`, { id: 'a' })).text()
  await until(ask, (answer) => answer.includes('"a"'))
  first.signal('SIGTERM')
  await first.ended
  const database = new DatabaseSync(path.join(looping.data, 'loops.db'))
  database.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1000000)
    INSERT INTO seen (key, revision, schema_version, doc) SELECT 'k' || i, 1, 1, json_object('id', 'k' || i) FROM n`)
  database.close()
  const indexing = new Looping({ INDEXED: '1', BLOCKED_MS: '300' }, looping.data)
  const second = await indexing.start()
  second.signal('SIGTERM')
  expect(await second.ended).toMatchObject({ code: 0, stderr: '' })
})

/** Reads a stream of server-sent events. */
function eventsOf(response: Response) {
  const parser = new EventParser()
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  onTestFinished(() => reader?.cancel())
  const events: SentEvent[] = []
  return {
    next: async (): Promise<SentEvent | undefined> => {
      while (events.length === 0) {
        const piece = await reader?.read()
        if (piece?.value === undefined) return undefined
        events.push(...parser.push(piece.value))
      }
      return events.shift()
    },
  }
}

async function startProcesses(
  data: string,
  env: Readonly<Record<string, string>> = {},
): Promise<{ running: RunningBin; http: string; pid: number }> {
  const args = ['processes.ts', loopingFolder, data]
  const running = startNode(args, { cwd: loopingFolder, env })
  const { http, processes } = (await running.nextJson()) as { http: string; processes: { pid: number }[] }
  const pid = processes[0]?.pid ?? 0
  onTestFinished(() => {
    running.signal('SIGKILL')
    if (isAlive(pid)) process.kill(pid, 'SIGKILL')
  })
  return { running, http, pid }
}

test('P5: a looping process whose supervisor was killed ends, and frees the store for the next start [trap: blocked-thread]', {
  timeout,
}, async () => {
  const looping = new Looping({ BLOCKED_MS: '3600000' })
  const { running, http, pid } = await startProcesses(looping.data, { BLOCKED_MS: '3600000' })
  void loop(`${http}/loops`, 'command')
  await realTime(500)
  running.signal('SIGKILL')
  await running.ended
  await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false)
  const next = await looping.start()
  next.signal('SIGTERM')
  expect(await next.ended).toMatchObject({ code: 0 })
})

test('a looping `dev` whose parent was killed ends, too', { timeout }, async () => {
  const { data } = new Looping()
  const env = { BLOCKED_MS: '3600000' }
  const dev = startBin(['dev', '--no-reload', '--json', '--data', data], { cwd: loopingFolder, env })
  const { http } = await dev.nextJson()
  const { pid } = JSON.parse(readFileSync(path.join(data, 'run', 'all@looping.json'), 'utf8')) as { pid: number }
  void loop(String(http), 'command')
  await realTime(500)
  dev.signal('SIGKILL')
  await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false)
})

test('`dev` says how the system ended, restarts it, and the last line is text for people, with commands that can be typed', {
  timeout,
}, async () => {
  const { data } = new Looping()
  const dev = startBin(['dev', '--no-reload', '--data', data, '--port', '0'], { cwd: loopingFolder })
  await loop(await dev.printed(/http +(http:\S+)/), 'handler')
  await dev.printed(/(restarted in)/)
  const { code, stdout, stderr } = await dev.interrupt()
  expect(code).toBe(0)
  expect(stdout).toContain('The system ended unexpectedly, by SIGKILL; it restarts in 500 ms')
  expect(stderr).toContain(`\n  → npx tidings status --data ${path.basename(data)}\n`)
  expect(stderr).toMatch(/error loops The process ends: its main thread is blocked\n/)
  expect(stderr).toMatch(/ {2}loopIf \(tidings\.config\.ts:\d+:\d+\) does not return\.\n {4}at loopIf/)
})

test('P11: a front answers 504 when a process does not answer, and 503 when it was ended [trap: blocked-thread]', {
  timeout,
}, async () => {
  const looping = new Looping()
  const { running, http, pid } = await startProcesses(looping.data)
  const of = encodeURIComponent(JSON.stringify([['loops', 'all', {}]]))
  process.kill(pid, 'SIGSTOP')
  const [silent, alone, bundle] = await Promise.all([
    postJson(`${http}/loops/commands/place`, { id: 'a' }),
    fetch(`${http}/loops/live/all?input=%7B%7D`),
    fetch(`${http}/live?of=${of}`),
  ])
  for (const answer of [silent, alone])
    expect([answer.status, await answer.json()]).toMatchObject([504, { code: 'service-timeout' }])
  const events = eventsOf(bundle)
  expect(await events.next(), 'a bundle goes on with its other parts').toMatchObject({
    event: 'away',
    data: '{"of":0}',
  })
  process.kill(pid, 'SIGCONT')
  expect(await events.next(), 'the part comes back with its process').toMatchObject({ event: 'snapshot' })
  const looped = await postJson(`${http}/loops/commands/place`, { id: 'a', loops: 'command' })
  expect(looped.status).toBe(503)
  await until(
    () => postJson(`${http}/loops/commands/place`, { id: 'b' }),
    ({ status }) => status === 200,
  )
  running.signal('SIGTERM')
  const { code, stderr } = await running.ended
  expect(code).toBe(0)
  expect(linesOf(stderr)).toContainEqual(
    expect.objectContaining({ msg: 'A process has ended and will be restarted', blockedBy: 'command place of loops' }),
  )
})

test('a preload that fails in threads is said of the watchdog, and the service runs without it', {
  timeout,
}, async () => {
  const preload = path.join(loopingFolder, 'fails-in-threads.mjs')
  writeFileSync(
    preload,
    "import { isMainThread } from 'node:worker_threads'\nif (!isMainThread) throw new Error('no threads')\n",
  )
  const running = await new Looping({ NODE_OPTIONS: `--import ${pathToFileURL(preload)}` }).start()
  await loop(running.http, 'nowhere')
  running.signal('SIGTERM')
  const { code, stderr } = await running.ended
  expect(code).toBe(0)
  expect(linesOf(stderr)).toContainEqual(
    expect.objectContaining({
      level: 'error',
      msg: 'The watchdog has failed: if the main thread is blocked from now on, nothing ends this process',
      error: 'Error: no threads',
    }),
  )
})

test('while the main thread is blocked, the status says for how long, and when the watchdog ends it', {
  timeout,
}, async () => {
  const looping = new Looping({ BLOCKED_MS: '20000' })
  const running = await looping.start()
  void loop(running.http, 'command')
  await realTime(6_000)
  expect(await looping.status()).toMatch(/does not answer: its main thread has been blocked for .* ends it after 20 s/)
  running.signal('SIGKILL')
})

test('of a process that was stopped, the status says so, and how it goes on', { timeout }, async () => {
  const looping = new Looping()
  const running = await looping.start()
  running.signal('SIGSTOP')
  expect(await looping.status()).toContain(`it is stopped. \`kill -CONT ${running.pid}\` lets it go on.`)
  running.signal('SIGKILL')
})
