// Files that the process may not use: each refusal names the file, its owner and mode, and what to type. Root may use every file, so as root the
// commands run as another user.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

const timeout = 120_000
const bin = fileURLToPath(new URL('../bin/tidings.js', import.meta.url))
const cwd = path.join(import.meta.dirname, 'fixture')
const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}
const uid = user.uid ?? process.getuid?.() ?? 0
const folder = mkdtempSync(path.join(tmpdir(), 'tidings-forbidden-'))
const data = path.join(folder, 'data')

function tidings(...args: string[]): { child: ChildProcess; text: () => string } {
  const child = spawn(process.execPath, [bin, ...args, '--data', data], {
    cwd,
    env: { PATH: process.env.PATH ?? '', HOME: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...user,
  })
  let text = ''
  for (const output of [child.stdout, child.stderr])
    output?.on('data', (bytes) => {
      text += String(bytes)
    })
  return { child, text: () => text.replaceAll(/\s+/g, ' ') }
}

async function outputOf(...args: string[]): Promise<string> {
  const { child, text } = tidings(...args)
  await once(child, 'close')
  return text()
}

beforeAll(async () => {
  mkdirSync(data, { mode: 0o700 })
  chmodSync(folder, 0o755)
  chownSync(data, uid, user.gid ?? process.getgid?.() ?? 0)
  // Killed, so that its write-ahead log is still there.
  const { child } = tidings('start', 'orders', '--port', '0')
  await once(child.stdout as NonNullable<typeof child.stdout>, 'data')
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}, timeout)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

const cases = [
  { what: 'a write-ahead log', file: 'orders.db-wal', mode: 0, verb: 'read', chmod: 'u+rw' },
  { what: 'a database', file: 'orders.db', mode: 0, verb: 'read', chmod: 'u+rw' },
  { what: 'a lock', file: 'orders.lock', mode: 0o444, verb: 'write', chmod: 'u+rw' },
  { what: 'a folder that may only be read', file: '', mode: 0o500, verb: 'write', chmod: 'u+rwx' },
  { what: 'a folder', file: '', mode: 0, verb: 'enter', chmod: 'u+rwx' },
] as const

test.for(cases)(
  'P9: a start and the status say that $what may not be used: owner, mode and what to type',
  { timeout },
  async ({ file, mode, verb, chmod }) => {
    const named = path.join(data, file)
    expect(existsSync(named)).toBe(true)
    chmodSync(named, mode)
    try {
      const start = await outputOf('start', 'orders', '--port', '0')
      const status = await outputOf('status')
      const modeText = mode.toString(8).padStart(3, '0')
      for (const text of mode === 0 && file === '' ? [status] : [start, status]) {
        expect(text).toContain(
          `${named} belongs to user ${uid} and has mode ${modeText}, so this process, as user ${uid}, may not ${verb} it.`,
        )
        expect(text).toContain(`\`chmod ${chmod} ${named}\``)
        expect(text).not.toContain('HANDLER_FAILED')
      }
      expect(start).toContain(`${named} belongs to user ${uid} and has mode ${modeText}`)
    } finally {
      chmodSync(named, file === '' ? 0o700 : 0o600)
    }
  },
)

test('P9: a store that may only be read does not start, and the status shows what is in it', { timeout }, async () => {
  const file = path.join(data, 'orders.db')
  chmodSync(file, 0o400)
  try {
    const start = await outputOf('start', 'orders', '--port', '0')
    expect(start).toContain(
      `${file} belongs to user ${uid} and has mode 400, so this process, as user ${uid}, may not write it.`,
    )
    expect(await outputOf('status')).toContain('orders not running published')
    expect(await outputOf('check', 'orders')).toContain('orders is undamaged')
  } finally {
    chmodSync(file, 0o600)
  }
})

test('P9: a run folder that may not be used is named before anything is opened', { timeout }, async () => {
  const run = path.join(data, 'run')
  chmodSync(run, 0o500)
  try {
    const start = await outputOf('start', 'orders', '--port', '0')
    expect(start).toContain(`The run files cannot be kept in ${run}`)
    expect(start).toContain(`\`chmod u+rwx ${run}\``)
  } finally {
    chmodSync(run, 0o700)
  }
  const { child, text } = tidings('start', 'orders', '--port', '0')
  await once(child.stdout as NonNullable<typeof child.stdout>, 'data')
  child.kill('SIGTERM')
  await once(child, 'exit')
  expect(text()).toContain('Ended.')
})
