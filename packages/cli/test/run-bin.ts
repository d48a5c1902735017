// Runs the real command in a child process, to its end or until it is interrupted.

import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const bin = fileURLToPath(new URL('../bin/tidings.js', import.meta.url))

const started = new Set<ChildProcess>()

/** Kills processes that a failed test left running. */
export function killAll(): void {
  for (const child of started) child.kill('SIGKILL')
}

/** How a command ended. */
export interface Ended {
  readonly code: number | null
  /** The signal that ended it, if one did. */
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** The folder and environment of a command. */
export interface BinOptions {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
}

/** Runs the command to its end. */
export async function runBin(args: readonly string[], options: BinOptions): Promise<Ended> {
  return startBin(args, options).ended
}

/** Runs another Node program to its end. */
export async function runNode(args: readonly string[], options: BinOptions): Promise<Ended> {
  return start(args, options).ended
}

/** Starts another Node program. */
export function startNode(args: readonly string[], options: BinOptions): RunningBin {
  return start(args, options)
}

/** A command that is running. */
export interface RunningBin {
  readonly ended: Promise<Ended>
  readonly pid: number
  /** Sends it a signal. */
  signal(signal: NodeJS.Signals): void
  /** Waits until stdout matches; returns the first group. */
  printed(pattern: RegExp): Promise<string>
  /** Waits until stderr matches. */
  logged(pattern: RegExp): Promise<void>
  /** The next line of stdout as JSON. */
  nextJson(): Promise<Record<string, unknown>>
  /** Interrupts it as Ctrl-C does. */
  interrupt(): Promise<Ended>
}

/** Starts the command. */
export function startBin(args: readonly string[], options: BinOptions): RunningBin {
  return start([bin, ...args], options)
}

function start(args: readonly string[], { cwd, env = {} }: BinOptions): RunningBin {
  const child = spawn(process.execPath, args, {
    cwd,
    env: { PATH: process.env.PATH ?? '', HOME: cwd, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  started.add(child)
  let stdout = ''
  let stderr = ''
  const lines: string[] = []
  let arrived: () => void = () => {}
  child.stdout.on('data', (data: Buffer) => {
    stdout += data.toString()
  })
  child.stderr.on('data', (data: Buffer) => {
    stderr += data.toString()
    arrived()
  })
  createInterface(child.stdout).on('line', (line) => {
    lines.push(line)
    arrived()
  })
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code, signal) => {
      started.delete(child)
      resolve({ code, signal, stdout, stderr })
      arrived()
    })
  })
  async function next(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new TypeError(`The command ended with ${child.exitCode}: ${stderr}`)
    await new Promise<void>((resolve) => {
      arrived = resolve
    })
  }
  return {
    ended,
    pid: child.pid ?? 0,
    signal: (signal) => {
      child.kill(signal)
    },
    printed: async (pattern) => {
      for (;;) {
        const found = pattern.exec(stdout)?.[1]
        if (found !== undefined) return found
        await next()
      }
    },
    logged: async (pattern) => {
      while (!pattern.test(stderr)) await next()
    },
    nextJson: async () => {
      for (;;) {
        const line = lines.shift()
        if (line !== undefined) return JSON.parse(line)
        await next()
      }
    },
    interrupt: () => {
      child.kill('SIGINT')
      return ended
    },
  }
}

/** Asks again until the answer is the expected one, or the test times out. */
export async function until<T>(ask: () => Promise<T>, isExpected: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask()
    if (isExpected(answer)) return answer
  }
}

/** Posts JSON. */
export function postJson(address: string, body: object): Promise<Response> {
  const headers = { 'content-type': 'application/json' }
  return fetch(address, { method: 'POST', headers, body: JSON.stringify(body) })
}
