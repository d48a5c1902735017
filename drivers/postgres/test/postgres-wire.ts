// The wire between a client and its server, which a test can cut or hold at a chosen statement. The server is a real one.
// Invariant: bytes are passed on whole and in their order, or not at all.

import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** One connection through the wire. */
export interface Line {
  /** How many bytes the server has answered. */
  readonly answeredBytes: number
  /** Keeps what the server answers from now on. */
  holdAnswers(): void
  /** Ends the connection for the client. The server does not notice. */
  cutClient(): void
  /** Passes on to the server what was held back. */
  release(): void
}

/** What becomes of what a client sends: it is passed on, or it and what comes after is held back. */
export type Rule = (text: string, line: Line) => 'pass' | 'hold'

/** Puts a wire before a server; returns the URL of the client's end, and the way to set the rule. */
export async function openWire(url: string): Promise<{ readonly url: string; setRule(rule: Rule): void }> {
  const target = new URL(url)
  const { port, hostname } = target
  let rule: Rule = () => 'pass'
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname)
    let held: Buffer[] | undefined
    let isHoldingAnswers = false
    let answeredBytes = 0
    const line: Line = {
      get answeredBytes() {
        return answeredBytes
      },
      holdAnswers: () => {
        isHoldingAnswers = true
      },
      cutClient: () => client.destroy(),
      release: () => {
        for (const bytes of held ?? []) upstream.write(bytes)
        held = undefined
      },
    }
    client.on('data', (bytes) => {
      if (held === undefined && rule(bytes.toString('latin1'), line) === 'hold') held = []
      if (held === undefined) upstream.write(bytes)
      else held.push(bytes)
    })
    upstream.on('data', (bytes) => {
      answeredBytes += bytes.length
      if (!isHoldingAnswers && !client.destroyed) client.write(bytes)
    })
    upstream.on('close', () => client.destroy())
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  target.port = String((server.address() as AddressInfo).port)
  target.hostname = '127.0.0.1'
  return {
    url: target.href,
    setRule: (next) => {
      rule = next
    },
  }
}
