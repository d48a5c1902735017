// Sends commands over HTTP at a rate, over many connections, whether or not the server keeps up: each connection has one request under way, and a
// request that finds no free connection is not sent. Requests are written as bytes, so that the generator costs little beside the server.

import { connect, type Socket } from 'node:net'

/** What to send, and how much. */
export interface HttpLoadOptions {
  readonly url: string
  /** The path and the body of the n-th request. */
  readonly request: (number: number) => { readonly path: string; readonly body: string }
  readonly connectionCount: number
  /** Requests a second; `Infinity` sends the next one as soon as the last is answered. */
  readonly perSecond: number
  readonly durationMs: number
  /** Stops early. */
  readonly signal?: AbortSignal
}

/** What came back. */
export interface HttpLoadResult {
  readonly sent: number
  /** By status. */
  readonly answers: Readonly<Record<string, number>>
  /** 503s without `Retry-After` or problem details. */
  readonly bareRefusals: number
  /** Connections that ended while a request was under way, and connections that could not be opened. */
  readonly resets: number
  /** The latencies of requests answered with 200, in milliseconds. */
  readonly acceptedMs: readonly number[]
  /** The latencies of those answered with 503, in milliseconds. */
  readonly refusedMs: readonly number[]
  readonly elapsedMs: number
}

/** Sends until the time is over, and waits for the answers. */
export async function httpLoad(options: HttpLoadOptions): Promise<HttpLoadResult> {
  const load = new Load(options)
  return load.run()
}

class Load {
  readonly #options: HttpLoadOptions
  readonly #host: string
  readonly #port: number
  readonly #idle: Caller[] = []
  readonly #callers: Caller[] = []
  readonly answers: Record<string, number> = {}
  readonly acceptedMs: number[] = []
  readonly refusedMs: number[] = []
  sent = 0
  resets = 0
  bareRefusals = 0
  underWay = 0
  over = false

  constructor(options: HttpLoadOptions) {
    this.#options = options
    const { hostname, port } = new URL(options.url)
    this.#host = hostname
    this.#port = Number(port)
  }

  async run(): Promise<HttpLoadResult> {
    const { connectionCount, durationMs, perSecond, signal } = this.#options
    for (let index = 0; index < connectionCount; index++) this.#callers.push(new Caller(this))
    await Promise.all(this.#callers.map((caller) => caller.open(this.#host, this.#port)))
    const begin = performance.now()
    const isOver = () => performance.now() - begin >= durationMs || signal?.aborted === true
    if (perSecond === Number.POSITIVE_INFINITY) {
      for (const caller of this.#idle.splice(0)) this.send(caller)
      while (!isOver()) await new Promise((resolve) => setTimeout(resolve, 5))
    } else {
      while (!isOver()) {
        const due = Math.floor(((performance.now() - begin) / 1_000) * perSecond)
        for (let caller = this.#idle.shift(); caller !== undefined; caller = this.#idle.shift()) {
          if (this.sent >= due) {
            this.#idle.unshift(caller)
            break
          }
          this.send(caller)
        }
        await new Promise((resolve) => setTimeout(resolve, 1))
      }
    }
    this.over = true
    const elapsedMs = performance.now() - begin
    const waitUntil = performance.now() + 30_000
    while (this.underWay > 0 && performance.now() < waitUntil) await new Promise((resolve) => setTimeout(resolve, 5))
    for (const caller of this.#callers) caller.close()
    const { sent, answers, bareRefusals, resets, acceptedMs, refusedMs } = this
    return { sent, answers, bareRefusals, resets: resets + this.underWay, acceptedMs, refusedMs, elapsedMs }
  }

  send(caller: Caller): void {
    const { path, body } = this.#options.request(this.sent++)
    this.underWay++
    caller.send(
      `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1:${this.#port}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    )
  }

  free(caller: Caller): void {
    if (!this.over && this.#options.perSecond === Number.POSITIVE_INFINITY) this.send(caller)
    else this.#idle.push(caller)
  }

  reopen(caller: Caller): void {
    if (!this.over) void caller.open(this.#host, this.#port)
  }
}

class Caller {
  readonly #load: Load
  #socket: Socket | undefined
  #text = ''
  #sentAt = 0
  #waiting = false

  constructor(load: Load) {
    this.#load = load
  }

  open(host: string, port: number): Promise<void> {
    return new Promise((resolve) => {
      const socket = connect({ host, port, noDelay: true })
      this.#socket = socket
      this.#text = ''
      socket.setEncoding('latin1')
      socket.once('connect', () => {
        this.#load.free(this)
        resolve()
      })
      socket.on('data', (text: string) => this.#read(text))
      socket.on('error', () => resolve())
      socket.once('close', () => {
        if (this.#waiting || socket.connecting) {
          this.#load.resets++
          if (this.#waiting) this.#load.underWay--
          this.#waiting = false
        }
        setTimeout(() => this.#load.reopen(this), 100)
      })
    })
  }

  send(bytes: string): void {
    this.#sentAt = performance.now()
    this.#waiting = true
    this.#socket?.write(bytes)
  }

  close(): void {
    this.#socket?.destroy()
  }

  #read(text: string): void {
    this.#text += text
    const end = this.#text.indexOf('\r\n\r\n')
    if (end < 0) return
    const head = this.#text.slice(0, end).toLowerCase()
    const length = Number(/content-length: (\d+)/.exec(head)?.[1] ?? 0)
    if (this.#text.length < end + 4 + length) return
    const status = head.slice(9, 12)
    this.#text = this.#text.slice(end + 4 + length)
    this.#note(status, head)
    this.#waiting = false
    this.#load.underWay--
    if (!head.includes('connection: close')) this.#load.free(this)
  }

  #note(status: string, head: string): void {
    const load = this.#load
    load.answers[status] = (load.answers[status] ?? 0) + 1
    const tookMs = performance.now() - this.#sentAt
    if (status === '200') load.acceptedMs.push(tookMs)
    if (status !== '503') return
    load.refusedMs.push(tookMs)
    if (!head.includes('retry-after:') || !head.includes('application/problem+json')) load.bareRefusals++
  }
}
