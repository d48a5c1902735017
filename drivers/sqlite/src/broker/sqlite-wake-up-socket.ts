// Wake-ups between processes: the writer of a store listens on a local socket and writes a byte to each connected reader.
// Best effort: a byte may be lost or late, nothing here throws, and an open socket does not keep a process alive.

import { createHash } from 'node:crypto'
import { accessSync, chmodSync, constants, lstatSync, mkdirSync, rmSync, statSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { platform, tmpdir } from 'node:os'
import path from 'node:path'
import type { Clock, Timeouts } from 'tidings/ports'

/** The shortest time between two bytes, in milliseconds. One byte is enough: a reader reads all that is new. */
const pauseMs = 1
const reconnectMsMin = 20
const reconnectMsMax = 500

/** Where the writer of a store listens. The path is short, because some systems allow only 103 bytes for a socket's path. */
export function wakeUpSocketPath(directory: string, service: string): string {
  const name = createHash('sha256').update(path.join(directory, service)).digest('hex').slice(0, 32)
  if (platform() === 'win32') return `\\\\.\\pipe\\tidings-${name}`
  // The name contains the owner of the directory, not of the process: both sides know that, even in a container whose user has no name.
  const owner = statSync(directory, { throwIfNoEntry: false })?.uid ?? 0
  return path.join(tmpdir(), `tidings-${owner}`, `${name}.sock`)
}

/** The writer's side. */
export interface WakeUpSocket {
  wake(): void
  close(): Promise<void>
}

/** Opens the writer's side. Call it only while you hold the store's lock: it removes the socket that a killed process left behind. */
export function openWakeUpSocket(
  file: string,
  { clock, timeouts }: { clock: Clock; timeouts: Timeouts },
): WakeUpSocket {
  const listeners = new Set<Socket>()
  const server = createServer((socket) => {
    listeners.add(socket.unref())
    socket.on('error', () => undefined).on('close', () => listeners.delete(socket))
  })
  server.on('error', () => undefined)
  if (platform() === 'win32' || preparePath(file)) {
    server.listen(file, () => {
      if (platform() !== 'win32') chmodSync(file, 0o600)
    })
    server.unref()
  }

  let sentAt = Number.NEGATIVE_INFINITY
  let cancel: (() => void) | undefined
  function send(): void {
    cancel = undefined
    sentAt = clock.monotonicMs()
    // If a reader has not read the last byte yet, that byte will wake it up.
    for (const socket of listeners) if (socket.writableLength === 0) socket.write('!')
  }
  return {
    wake: () => {
      if (listeners.size === 0 || cancel !== undefined) return
      if (clock.monotonicMs() - sentAt >= pauseMs) send()
      else cancel = timeouts.after(pauseMs, send)
    },
    close: () => {
      cancel?.()
      for (const socket of listeners) socket.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

/** Calls `wake` for each byte, and when the writer starts to listen. Returns a function that stops it. */
export function listenForWakeUps(file: string, timeouts: Timeouts, wake: () => void): () => void {
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
      cancel = timeouts.after(delayMs, open)
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

/** Creates the folder of the sockets, for its owner only, and removes a socket that was left behind. */
function preparePath(file: string): boolean {
  try {
    const folder = path.dirname(file)
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    // A folder that we can use and others cannot is ours. A folder that someone else created is not used.
    const found = lstatSync(folder)
    if (!found.isDirectory() || (found.mode & 0o077) !== 0) return false
    accessSync(folder, constants.W_OK)
    rmSync(file, { force: true })
    return true
  } catch {
    // Without wake-ups, readers find new events when they poll.
    return false
  }
}
