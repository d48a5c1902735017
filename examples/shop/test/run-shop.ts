// Runs the shop's command line in its own process, as `npm start` does, and lets a test end it in any way.
import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Readable } from 'node:stream'

const main = resolve(import.meta.dirname, '../main.ts')

/** How a run ended. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** Everything it wrote to standard output and standard error. */
  readonly output: string
}

/** A run of the shop. */
export interface ShopRun {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  /** Resolves when the output contains the text, or when the run has ended. */
  sees(text: string | RegExp): Promise<boolean>
}

/** Starts the shop's command line. */
export function runShop(...words: readonly string[]): ShopRun {
  return follow(spawn(process.execPath, [main, ...words], { stdio: ['ignore', 'pipe', 'pipe'] }))
}

/** Starts the shop with `npm start` in its own process group, as a terminal does. */
export function npmStart(...words: readonly string[]): ShopRun {
  const cwd = resolve(import.meta.dirname, '../../..')
  return follow(spawn('npm', ['start', '--', ...words], { cwd, detached: true, stdio: ['ignore', 'pipe', 'pipe'] }))
}

function follow(child: ChildProcessByStdio<null, Readable, Readable>): ShopRun {
  let output = ''
  const listeners = new Set<() => void>()
  const read = (chunk: Buffer) => {
    output += chunk.toString('utf8')
    for (const listener of listeners) listener()
  }
  child.stdout.on('data', read)
  child.stderr.on('data', read)
  const ended = new Promise<Ended>((settle) => {
    child.on('close', (code, signal) => settle({ code, signal, output }))
  })
  return {
    child,
    ended,
    sees: (text) =>
      new Promise((settle) => {
        const isThere = () => (typeof text === 'string' ? output.includes(text) : text.test(output))
        const check = () => {
          if (!isThere()) return
          listeners.delete(check)
          settle(true)
        }
        listeners.add(check)
        void ended.then(() => settle(isThere()))
        check()
      }),
  }
}

/** A folder for one test, removed when it is disposed of. */
export function temporaryFolder(): Disposable & { readonly path: (name: string) => string } {
  const folder = mkdtempSync(join(tmpdir(), 'shop-'))
  return {
    path: (name) => join(folder, name),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }),
  }
}

/** Reads a report. */
export function readReport(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'))
}
