// Wake-ups between processes: the writer of a store listens on a local socket and writes a byte to whoever is connected.
// Best effort: a byte may be lost or late, nothing here ever throws, and no process is kept alive by it.

import { createHash } from 'node:crypto'
import { accessSync, chmodSync, constants, lstatSync, mkdirSync, rmSync, statSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { platform, tmpdir } from 'node:os'
import path from 'node:path'
import type { Clock, Scheduler } from 'tidings/ports'

/** At most one byte in so many milliseconds: a reader reads all there is anyway. */
const pauseMs = 1
const reconnectMsMin = 20
const reconnectMsMax = 500

/** Where the writer of a store listens; short, since a socket's path holds 103 bytes on some systems. */
export function bellPath(directory: string, service: string): string {
  const name = createHash('sha256').update(path.join(directory, service)).digest('hex').slice(0, 32)
  if (platform() === 'win32') return `\\\\.\\pipe\\tidings-${name}`
  // The owner of the stores, not of the process: both sides know it, also where a container's user has no name.
  const owner = statSync(directory, { throwIfNoEntry: false })?.uid ?? 0
  return path.join(tmpdir(), `tidings-${owner}`, `${name}.sock`)
}

/** The writer's side. */
export interface Bell {
  ring(): void
  close(): Promise<void>
}

/** Opens the writer's side. Only who holds the store's lock may call it: it removes what a killed process left behind. */
export function openBell(file: string, { clock, scheduler }: { clock: Clock; scheduler: Scheduler }): Bell {
  const listeners = new Set<Socket>()
  const server = createServer((socket) => {
    listeners.add(socket.unref())
    socket.on('error', () => undefined).on('close', () => listeners.delete(socket))
  })
  server.on('error', () => undefined)
  if (platform() === 'win32' || clearWay(file)) {
    server.listen(file, () => {
      if (platform() !== 'win32') chmodSync(file, 0o600)
    })
    server.unref()
  }

  let rungAt = Number.NEGATIVE_INFINITY
  let cancel: (() => void) | undefined
  function strike(): void {
    cancel = undefined
    rungAt = clock.monotonicMs()
    // Who has not read the last byte yet will wake for it.
    for (const socket of listeners) if (socket.writableLength === 0) socket.write('!')
  }
  return {
    ring: () => {
      if (listeners.size === 0 || cancel !== undefined) return
      if (clock.monotonicMs() - rungAt >= pauseMs) strike()
      else cancel = scheduler.after(pauseMs, strike)
    },
    close: () => {
      cancel?.()
      for (const socket of listeners) socket.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

/** Calls `wake` for each ring, and when the writer comes up. Returns the way to stop. */
export function listenToBell(file: string, scheduler: Scheduler, wake: () => void): () => void {
  let stopped = false
  let socket: Socket | undefined
  let cancel: (() => void) | undefined
  let delayMs = reconnectMsMin

  function open(): void {
    socket = connect(file)
    socket.unref()
    socket.on('connect', () => {
      delayMs = reconnectMsMin
      wake()
    })
    socket.on('data', wake)
    socket.on('error', () => undefined)
    socket.on('close', () => {
      if (stopped) return
      cancel = scheduler.after(delayMs, open)
      delayMs = Math.min(delayMs * 2, reconnectMsMax)
    })
  }
  open()
  return () => {
    stopped = true
    cancel?.()
    socket?.destroy()
  }
}

/** Makes the folder of the sockets, the user's own, and removes a socket that was left behind. */
function clearWay(file: string): boolean {
  try {
    const folder = path.dirname(file)
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    // A folder that is closed to others and open to us is ours; one that somebody else put there is left alone.
    const found = lstatSync(folder)
    if (!found.isDirectory() || (found.mode & 0o077) !== 0) return false
    accessSync(folder, constants.W_OK)
    rmSync(file, { force: true })
    return true
  } catch {
    // Without wake-ups, readers find news by their slow poll.
    return false
  }
}
