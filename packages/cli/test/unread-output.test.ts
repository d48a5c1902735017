// Output that nobody reads: pipes whose reader is stopped, as a `less` that nobody scrolls, and readers that have gone. Real processes and pipes.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { linesOf } from './looping-folder.ts'
import { postJson, until } from './run-bin.ts'

const timeout = 60_000
const bin = fileURLToPath(new URL('../bin/tidings.js', import.meta.url))
const cwd = path.join(import.meta.dirname, 'noisy')

/** Ways to run the service, with the arguments of Node and the name of the run file that has its address. */
const ways = {
  start: (data: string) => ({ args: [bin, 'start', 'noisy', '--data', data], name: 'noisy' }),
  dev: (data: string) => ({ args: [bin, 'dev', '--no-reload', '--json', '--data', data], name: 'all@noisy' }),
  startProcesses: (data: string) => ({ args: ['processes.ts', cwd, data], name: 'front@noisy' }),
  'a one-file app': (data: string) => ({ args: ['one-file.ts', data], name: 'all@noisy' }),
}

/** A pipe with a reader that can be stopped. */
function pipeOf(folder: string, name: string) {
  const file = path.join(folder, name)
  execFileSync('mkfifo', [file])
  const descriptor = openSync(file, 'r+')
  const reader = spawn('cat', [file], { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  reader.stdout.on('data', (bytes) => {
    text += String(bytes)
  })
  onTestFinished(() => {
    reader.kill('SIGKILL')
    closeSync(descriptor)
  })
  return { descriptor, reader, text: () => text }
}

function run(way: keyof typeof ways, stdio: readonly (number | 'pipe')[], folder: string) {
  const data = path.join(folder, 'data')
  const { args, name } = ways[way](data)
  const env = { PATH: process.env.PATH ?? '', HOME: folder }
  const child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', ...stdio] })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  const runFile = () => {
    try {
      return JSON.parse(readFileSync(path.join(data, 'run', `${name}.json`), 'utf8')) as { doors: string; pid: number }
    } catch {
      return undefined
    }
  }
  const call = (what: string, body: object) => postJson(`${runFile()?.doors}/noisy/${what}`, body)
  /** A status of 0 if nobody answered. */
  const say = async (id: string, lines = 0) => {
    const answer = await call('commands/say', { id, lines }).catch(() => undefined)
    await answer?.text()
    return answer?.status ?? 0
  }
  const started = () =>
    until(
      async () => {
        await new Promise((resolve) => setTimeout(resolve, 50))
        return child.exitCode !== null || say('started')
      },
      (status) => status === 200 || status === true,
    )
  const heard = async (id: string) => {
    await until(
      async () =>
        (await (await call('queries/heard', {})).json()) as { readonly result?: readonly string[] } & string[],
      (answer) => JSON.stringify(answer).includes(`"${id}"`),
    )
  }
  return { child, runFile, say, started, heard }
}

function newFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'tidings-unread-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

async function endOf(child: ChildProcess): Promise<number | null> {
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  return ((await ended) as [number | null])[0]
}

test.for(Object.keys(ways) as (keyof typeof ways)[])(
  'output that nobody reads holds up nothing: work goes on, no watchdog ends it, and what was dropped is counted (%s)',
  { timeout },
  async (way) => {
    const folder = newFolder()
    const [stdout, stderr] = [pipeOf(folder, 'stdout'), pipeOf(folder, 'stderr')]
    const { child, runFile, say, started, heard } = run(way, [stdout.descriptor, stderr.descriptor], folder)
    await started()
    const pid = runFile()?.pid
    for (const { reader } of [stdout, stderr]) reader.kill('SIGSTOP')
    // Eight times what waits for a reader, in the pipe and in the process.
    for (let n = 0; n < 16; n++) expect(await say(`fill-${n}`, 512)).toBe(200)
    // Each of these fails once, so the log has something to say. Three times as long as the main thread may be blocked.
    const until = performance.now() + 1_500
    for (let n = 0; performance.now() < until; n++) expect(await say(`more-${n}`)).toBe(200)
    await heard('more-0')
    for (const { reader } of [stdout, stderr]) reader.kill('SIGCONT')
    if (way !== 'a one-file app') {
      const dropped = () =>
        linesOf(stderr.text()).filter(({ msg, output }) => String(msg).startsWith('Lines of the output') && output)
      await expect.poll(() => new Set(textsOf(stderr.text()))).toEqual(new Set(['stdout', 'stderr']))
      if (way !== 'dev') expect(dropped()[0]?.lines).toBeGreaterThan(1_000)
    }
    expect(await say('after')).toBe(200)
    await heard('after')
    expect(runFile()?.pid).toBe(pid)
    expect(await endOf(child)).toBe(0)
  },
)

/** The outputs of which a log says that lines were dropped. */
function textsOf(stderr: string): readonly string[] {
  return [...stderr.matchAll(/(?:"output":"|dropped +output=)(stdout|stderr)/g)].map(([, output]) => output ?? '')
}

test('a front whose log nobody reads restarts a process that was killed', { timeout }, async () => {
  const folder = newFolder()
  const [stdout, stderr] = [pipeOf(folder, 'stdout'), pipeOf(folder, 'stderr')]
  const { child, say, started } = run('startProcesses', [stdout.descriptor, stderr.descriptor], folder)
  await started()
  stderr.reader.kill('SIGSTOP')
  for (let n = 0; n < 4; n++) await say(`fill-${n}`, 512)
  const service = JSON.parse(readFileSync(path.join(folder, 'data', 'run', 'noisy.json'), 'utf8')) as { pid: number }
  process.kill(service.pid, 'SIGKILL')
  expect(
    await until(
      () => say('after'),
      (status) => status === 200,
    ),
  ).toBe(200)
  expect(await endOf(child)).toBe(0)
})

test.for(['start', 'dev', 'a one-file app'] as const)(
  'a reader that has gone, such as a `head`, does not end what runs services (%s)',
  { timeout },
  async (way) => {
    const { child, runFile, say, started, heard } = run(way, ['pipe', 'pipe'], newFolder())
    await started()
    const pid = runFile()?.pid
    // What a program prints by itself is its own affair, unless it calls `keepOutputFlowing`.
    if (way !== 'a one-file app') child.stdout?.destroy()
    child.stderr?.destroy()
    for (let n = 0; n < 8; n++) expect(await say(`gone-${n}`, 10)).toBe(200)
    await heard('gone-7')
    expect(runFile()?.pid).toBe(pid)
    expect(await endOf(child)).toBe(0)
  },
)
