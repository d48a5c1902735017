// Runs the shop's command line in a process of its own, as `npm start` does, and ends it however a test wants it ended.
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
  /** Resolves when what was written so far holds the text, or when the run has ended. */
  sees(text: string | RegExp): Promise<boolean>
}

/** Starts the shop's command line. */
export function runShop(...words: readonly string[]): ShopRun {
  return follow(spawn(process.execPath, [main, ...words], { stdio: ['ignore', 'pipe', 'pipe'] }))
}

/** Starts the shop by npm, as it is typed, in a process group of its own, as a terminal would. */
export function npmStart(...words: readonly string[]): ShopRun {
  const cwd = resolve(import.meta.dirname, '../../..')
  return follow(spawn('npm', ['start', '--', ...words], { cwd, detached: true, stdio: ['ignore', 'pipe', 'pipe'] }))
}

function follow(child: ChildProcessByStdio<null, Readable, Readable>): ShopRun {
  let output = ''
  const listeners = new Set<() => void>()
  const hear = (chunk: Buffer) => {
    output += chunk.toString('utf8')
    for (const listener of listeners) listener()
  }
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  const ended = new Promise<Ended>((settle) => {
    child.on('close', (code, signal) => settle({ code, signal, output }))
  })
  return {
    child,
    ended,
    sees: (text) =>
      new Promise((settle) => {
        const holds = () => (typeof text === 'string' ? output.includes(text) : text.test(output))
        const look = () => {
          if (!holds()) return
          listeners.delete(look)
          settle(true)
        }
        listeners.add(look)
        void ended.then(() => settle(holds()))
        look()
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

/** A report as it was written. */
export function readReport(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'))
}
