// A proxy between a browser and the chat that a test can interrupt and restore, like a network.
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** A proxy that can be interrupted. */
export interface Line {
  /** The address of the chat through the proxy. */
  readonly url: string
  /** Breaks every connection, and every new one. */
  cut(): void
  restore(): void
}

/** Opens a proxy to a chat; it is closed when the test has finished. */
export async function openLine(url: string): Promise<Line> {
  const { hostname, port } = new URL(url)
  const open = new Set<Socket>()
  let isCut = false
  const server = createServer((near) => {
    if (isCut) {
      near.destroy()
      return
    }
    const far = connect(Number(port), hostname)
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one)
      one.pipe(other)
      one.on('error', () => other.destroy())
      one.on('close', () => {
        open.delete(one)
        other.destroy()
      })
    }
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const destroyAll = () => {
    for (const socket of open) socket.destroy()
  }
  onTestFinished(async () => {
    destroyAll()
    await new Promise((resolve) => {
      server.close(resolve)
    })
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut() {
      isCut = true
      destroyAll()
    },
    restore() {
      isCut = false
    },
  }
}
