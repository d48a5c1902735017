// Wake-ups between processes: an engine listens on one local socket for all of its stores, and writes a byte to the readers of a store.
// Best effort: a byte may be lost or late, nothing here throws, and an open socket does not keep a process alive.

import { chmodSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import path from 'node:path'
import { nameLengthMax } from 'tidings/contracts'
import type { Clock, Timeouts } from 'tidings/ports'
import { hasLinks, linkTo, ownSocketPath, prepareFolder, unlink, wakeUpSocketPath } from './sqlite-wake-up-links.ts'

/** The shortest time between two bytes, in milliseconds. One byte is enough: a reader reads all that is new. */
const pauseMs = 1
const reconnectMsMin = 20
const reconnectMsMax = 500

/** The writer's side for one store. */
export interface StoreWakeUps {
  wake(): void
  close(): Promise<void>
}

/** The writer's side. It listens while it has stores. */
export class WakeUpSocket {
  readonly #timing: { readonly clock: Clock; readonly timeouts: Timeouts }
  /** The connected readers, by the store that they have asked for. Earlier builds do not ask, and hear of every store. */
  readonly #readers = new Map<Socket, string | undefined>()
  #shared: { readonly server: Server; readonly file: string; stores: number } | undefined

  constructor(timing: { readonly clock: Clock; readonly timeouts: Timeouts }) {
    this.#timing = timing
  }

  /** Offers wake-ups of a store. Call it only while you hold the store's lock. */
  offer(directory: string, service: string): StoreWakeUps {
    const stop = this.#listenFor(wakeUpSocketPath(directory, service), service)
    const { clock, timeouts } = this.#timing
    let sentAt = Number.NEGATIVE_INFINITY
    let cancel: (() => void) | undefined
    const send = () => {
      cancel = undefined
      sentAt = clock.monotonicMs()
      // If a reader has not read the last byte yet, that byte will wake it up.
      for (const socket of this.#readersOf(service)) if (socket.writableLength === 0) socket.write('!')
    }
    return {
      wake: () => {
        if (this.#readers.size === 0 || cancel !== undefined) return
        if (clock.monotonicMs() - sentAt >= pauseMs) send()
        else cancel = timeouts.after(pauseMs, send)
      },
      close: () => {
        cancel?.()
        // They connect again, to whoever writes the store next.
        for (const socket of this.#readersOf(service)) socket.destroy()
        return stop()
      },
    }
  }

  #readersOf(service: string): Socket[] {
    return [...this.#readers].filter(([, asked]) => asked === undefined || asked === service).map(([socket]) => socket)
  }

  #listenFor(link: string, service: string): () => Promise<void> {
    if (!hasLinks) {
      const server = this.#listen(link, service)
      return () => closed(server)
    }
    const folder = path.dirname(link)
    if (!prepareFolder(folder)) return async () => undefined
    if (this.#shared === undefined) {
      const file = ownSocketPath(folder)
      this.#shared = { server: this.#listen(file), file, stores: 0 }
    }
    const shared = this.#shared
    shared.stores += 1
    linkTo(shared.file, link)
    return async () => {
      unlink(shared.file, link)
      shared.stores -= 1
      if (shared.stores > 0) return
      this.#shared = undefined
      for (const socket of this.#readers.keys()) socket.destroy()
      await closed(shared.server)
    }
  }

  #listen(file: string, service?: string): Server {
    const server = createServer((socket) => {
      this.#readers.set(socket.unref(), service)
      // What was committed since the reader connected has sent it no byte.
      socket.write('!')
      let text = ''
      socket.on('data', (bytes) => {
        if (text.length <= nameLengthMax) text += bytes.toString('latin1')
        const end = text.indexOf('\n')
        if (end !== -1) this.#readers.set(socket, text.slice(0, end))
      })
      socket.on('error', () => undefined).on('close', () => this.#readers.delete(socket))
    })
    server.on('error', () => undefined)
    server.listen(file, () => {
      if (hasLinks) chmodSync(file, 0o600)
    })
    return server.unref()
  }
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()))
}

/** Calls `wake` for each byte, and when the writer starts to listen. Returns a function that stops it. */
export function listenForWakeUps(directory: string, service: string, timeouts: Timeouts, wake: () => void): () => void {
  const file = wakeUpSocketPath(directory, service)
  let stopped = false
  let socket: Socket | undefined
  let cancel: (() => void) | undefined
  let delayMs = reconnectMsMin

  function open(): void {
    const opened = connect(file)
    socket = opened.unref()
    opened.on('connect', () => {
      delayMs = reconnectMsMin
      opened.write(`${service}\n`)
      wake()
    })
    opened.on('data', wake)
    opened.on('error', () => undefined)
    opened.on('close', () => {
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
