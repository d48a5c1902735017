// Overload, with a real process and real connections: far more commands than one thread can handle, for some seconds.

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { startProcesses } from '../src/child-processes/start-processes.ts'
import { loadConfig } from '../src/config/load-config.ts'

interface Report {
  readonly lags: readonly number[]
  readonly behind: number
  readonly residentBytes: number
  /** Requests that the service counts as refused. */
  readonly refused: number
}

interface Answered {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
  readonly sentAt: number
  readonly tookMs: number
}

async function overloadedProcess() {
  const folder = mkdtempSync(path.join(tmpdir(), 'overload-'))
  const child = fork(new URL('overload-process.ts', import.meta.url), [folder], {
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  })
  const log: string[] = []
  child.stderr?.on('data', (bytes) => log.push(String(bytes)))
  onTestFinished(async () => {
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
    rmSync(folder, { recursive: true, force: true })
  })
  const [{ url }] = (await once(child, 'message')) as [{ readonly url: string }]
  return { url, log, report: () => reportOf(child) }
}

async function reportOf(child: ChildProcess): Promise<Report> {
  const answered = once(child, 'message')
  child.send('report')
  const [report] = (await answered) as [Report]
  return report
}

function place(url: string, agent: Agent, orderId: string): Promise<Answered> {
  const sentAt = performance.now()
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/orders/commands/place-order`, {
      method: 'POST',
      agent,
      headers: { 'content-type': 'application/json' },
    })
    sent.on('error', reject)
    sent.on('response', (response) => {
      let body = ''
      response.on('data', (bytes) => {
        body += String(bytes)
      })
      response.on('error', reject)
      response.on('end', () => {
        const { statusCode: status = 0, headers } = response
        resolve({ status, headers, body, sentAt, tookMs: performance.now() - sentAt })
      })
    })
    sent.end(JSON.stringify({ orderId, cents: 1 }))
  })
}

const percentile = (figures: readonly number[], percent: number) =>
  [...figures].sort((a, b) => a - b)[Math.ceil((percent / 100) * figures.length) - 1] ?? Number.NaN

/** So many callers for so long; each sends its next command as soon as the last one is answered. */
async function send(url: string, callersCount: number, durationMs: number): Promise<readonly Answered[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: callersCount })
  const answers: Answered[] = []
  const until = performance.now() + durationMs
  const caller = async (number: number) => {
    for (let sent = 0; performance.now() < until; sent++) {
      const answer = await place(url, agent, `c${callersCount}-${number}-${sent}`)
      answers.push(answer)
      // Half as long as Retry-After asks for, so this stays an overload.
      if (answer.status === 503) await new Promise((resolve) => setTimeout(resolve, 500))
    }
  }
  try {
    await Promise.all(Array.from({ length: callersCount }, (_, number) => caller(number)))
    return answers
  } finally {
    agent.destroy()
  }
}

const durationsOf = (answers: readonly Answered[]) => answers.map(({ tookMs }) => tookMs)

test('P11: a process that gets more than it can handle refuses early, with 503 and Retry-After, and the rest stays fast', async () => {
  const { url, log, report } = await overloadedProcess()
  const before = await send(url, 1, 1_000)
  // A rejection of any request, such as a connection that was reset, fails the test.
  const first = await send(url, 400, 3_000)
  const middle = await report()
  const second = await send(url, 400, 5_000)
  const last = await report()
  // What one caller after the other gets, before and afterwards, shows how fast this machine is just now.
  const after = await send(url, 1, 1_000)
  const commandMs = Math.max(...[before, after].map((alone) => percentile(durationsOf(alone), 50)))
  expect([...before, ...after].filter(({ status }) => status !== 200)).toEqual([])
  // The first second is a burst, which may wait.
  const from = Math.min(...second.map(({ sentAt }) => sentAt)) + 1_500
  const accepted = second.filter(({ status, sentAt }) => status === 200 && sentAt > from)
  const refused = second.filter(({ status }) => status === 503)
  expect(new Set([...first, ...second].map(({ status }) => status))).toEqual(new Set([200, 503]))
  for (const { headers, body } of refused) {
    expect(headers).toMatchObject({ 'retry-after': '1', 'content-type': 'application/problem+json' })
    expect(JSON.parse(body)).toMatchObject({ status: 503, code: 'OVERLOADED' })
  }
  // Four hundred callers at once would wait for four hundred commands. The slowest answers also measure how busy this machine is.
  const tookMs = durationsOf(accepted)
  expect(percentile(tookMs, 50)).toBeLessThan(Math.max(500, commandMs * 200))
  expect(percentile(tookMs, 99)).toBeLessThan(Math.max(5_000, commandMs * 1_000))
  expect(accepted.length, 'commands are still handled').toBeGreaterThan(3_500 / commandMs / 8)
  // The subscriber shares the thread, and keeps up.
  expect(last.lags.length).toBeGreaterThan(accepted.length / 2)
  expect(percentile(last.lags, 99)).toBeLessThan(Math.max(1_000, commandMs * 200))
  expect(last.behind).toBeLessThan(256)
  expect(last.residentBytes - middle.residentBytes).toBeLessThan(96 * 1_048_576)
  expect(last.refused, 'the status counts them').toBeGreaterThanOrEqual(refused.length)
  const lines = log
    .join('')
    .split('\n')
    .filter((line) => line.includes('OVERLOADED'))
  expect(lines.length, 'thousands of refusals, and one line').toBe(1)
}, 60_000)

test('P11: a thousand connections of one machine are answered, and none is reset', async () => {
  const { url } = await overloadedProcess()
  const agent = new Agent({ keepAlive: true, maxSockets: 1_000 })
  onTestFinished(() => agent.destroy())
  const answers = await Promise.all(Array.from({ length: 1_000 }, (_, number) => place(url, agent, `n${number}`)))
  const statuses = new Set(answers.map(({ status }) => status))
  expect(statuses.has(200)).toBe(true)
  statuses.delete(200)
  expect([[], [503]]).toContainEqual([...statuses])
  for (const { status, body } of answers) if (status === 503) expect(body).toContain('"OVERLOADED"')
}, 60_000)

test('P11: the front refuses what would wait too long for its thread', async () => {
  const data = mkdtempSync(path.join(tmpdir(), 'overload-'))
  const configPath = fileURLToPath(new URL('./shop.config.ts', import.meta.url))
  const http = { port: 0, requestWaitMsMax: 1 }
  const front = await startProcesses(await loadConfig(configPath), configPath, { data, http, log: { level: 'silent' } })
  const agent = new Agent({ keepAlive: true, maxSockets: 600 })
  onTestFinished(async () => {
    agent.destroy()
    await front.close()
    rmSync(data, { recursive: true, force: true })
  })
  const atOnce = (run: string) =>
    Promise.all(Array.from({ length: 600 }, (_, number) => place(front.httpUrl, agent, `${run}${number}`)))
  // The first run opens the connections; the requests of the second arrive together.
  const answers = [...(await atOnce('a')), ...(await atOnce('b'))]
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 503]))
  const refused = answers.filter(({ status }) => status === 503)
  for (const { headers, body } of refused) {
    expect(headers['retry-after']).toBe('1')
    expect(JSON.parse(body)).toMatchObject({ code: 'OVERLOADED' })
  }
  // A process behind it may refuse some as well.
  expect(refused.filter(({ body }) => body.includes('the front')).length).toBeGreaterThan(0)
}, 60_000)
