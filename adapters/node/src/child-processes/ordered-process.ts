// A child process that gets its order as its only argument, talks to its parent, and ends when that tells it to. Invariant: `stop` resolves only when the
// process has ended, however it ended: by itself, by SIGTERM, or by SIGKILL.

import { type ChildProcess, fork } from 'node:child_process'
import { getCompileCacheDir } from 'node:module'
import path from 'node:path'
import { readLines } from './read-lines.ts'

/** How a process ended. */
export interface Ending {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** What a process printed: one line of one of its outputs. */
export interface PrintedLine {
  readonly output: 'stdout' | 'stderr'
  readonly line: string
}

/** How a process is started. */
export interface OrderedProcessOptions<FromChild> {
  /** The module that it runs. */
  readonly entry: string
  /** Its only argument, as JSON. */
  readonly order: object
  /** Node's own options. Default: none, so that it does not get those of this process, such as a debugger's. */
  readonly execArgv?: readonly string[]
  /** How long it may take to end in order, in milliseconds. In the middle of that it gets a SIGTERM, at the end a SIGKILL. */
  readonly stopTimeoutMs: number
  /** Gets each message that it sends. */
  readonly receive: (message: FromChild) => void
  /** Gets what it prints, line by line. Default: it prints where this process does. */
  readonly printed?: ((line: PrintedLine) => void) | undefined
}

/** A process that runs. */
export interface OrderedProcess<ToChild> {
  readonly pid: number | undefined
  /** Resolves when it has ended and everything that it printed was passed on; also if it could not start. */
  readonly ended: Promise<Ending>
  /** Sends it a message; without effect if it has ended. */
  send(message: ToChild): void
  /** Tells it to end, and makes it end if that takes too long. Safe to call twice. */
  stop(): Promise<Ending>
}

/** Starts a process. It hears `{ kind: 'stop' }` when it is to end. */
export function startOrderedProcess<FromChild, ToChild extends { readonly kind: string }>(
  options: OrderedProcessOptions<FromChild>,
): OrderedProcess<ToChild> {
  const { entry, order, execArgv = [], stopTimeoutMs, receive, printed } = options
  const output = printed === undefined ? 'inherit' : 'pipe'
  const child = fork(entry, [JSON.stringify(order)], {
    execArgv: [...execArgv],
    stdio: ['ignore', output, output, 'ipc'],
    env: childEnvironment(),
  })
  const lines =
    printed === undefined
      ? []
      : (['stdout', 'stderr'] as const).map((name) => readLines(child[name], (line) => printed({ output: name, line })))
  // A process that cannot start or be reached also ends.
  const ended = endOf(child).then(async (ending) => {
    await Promise.all(lines)
    return ending
  })
  child.on('message', receive)
  const send = (message: object) => {
    if (child.connected) child.send(message, () => {})
  }
  let stopping: Promise<Ending> | undefined
  return {
    pid: child.pid,
    ended,
    send,
    stop: () => {
      stopping ??= stopProcess(child, ended, stopTimeoutMs, () => send({ kind: 'stop' }))
      return stopping
    },
  }
}

function endOf(child: ChildProcess): Promise<Ending> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }))
    child.once('close', (code, signal) => resolve({ code, signal }))
    child.on('error', () => {
      if (child.pid === undefined) resolve({ code: 1, signal: null })
    })
  })
}

async function stopProcess(
  child: ChildProcess,
  ended: Promise<Ending>,
  stopTimeoutMs: number,
  tell: () => void,
): Promise<Ending> {
  tell()
  const term = setTimeout(() => child.kill('SIGTERM'), stopTimeoutMs / 2)
  const kill = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs)
  const ending = await ended
  clearTimeout(term)
  clearTimeout(kill)
  return ending
}

// The child keeps what it has compiled where this process does, if it does.
function childEnvironment(): NodeJS.ProcessEnv {
  const folder = getCompileCacheDir()
  // That folder is of one version of Node; the one above was given.
  return folder === undefined ? process.env : { ...process.env, NODE_COMPILE_CACHE: path.dirname(folder) }
}
