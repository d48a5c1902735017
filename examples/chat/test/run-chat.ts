// Runs the chat's command line in its own process, as `npm run chat` does, and lets a test end it in any way.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const main = resolve(import.meta.dirname, '../main.ts')

/** How a run ended. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** Everything it wrote to standard output and standard error. */
  readonly output: string
}

/** A run of the chat. */
export interface ChatRun {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  /** Resolves with the first match of a pattern in the output; `undefined` if the run ends without one. */
  finds(pattern: RegExp): Promise<RegExpExecArray | undefined>
}

/** Starts the chat's command line. */
export function runChat(...words: readonly string[]): ChatRun {
  const child = spawn(process.execPath, [main, ...words], { stdio: ['ignore', 'pipe', 'pipe'] })
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
  const finds = (pattern: RegExp) =>
    new Promise<RegExpExecArray | undefined>((settle) => {
      const look = () => {
        const found = pattern.exec(output)
        if (found === null) return
        listeners.delete(look)
        settle(found)
      }
      listeners.add(look)
      look()
      void ended.then(() => settle(pattern.exec(output) ?? undefined))
    })
  return { child, ended, finds }
}

/** A folder that is removed when the test is over. */
export function scratchFolder(): { readonly path: string; [Symbol.dispose](): void } {
  const path = mkdtempSync(join(tmpdir(), 'tidings-chat-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}
