// Wake-ups between two processes by hand: the publisher writes a byte to every listener on its local socket.

import { connect, createServer, type Socket } from 'node:net'
import { platform } from 'node:os'
import path from 'node:path'

const socketOf = (folder: string): string =>
  platform() === 'win32'
    ? `\\\\.\\pipe\\bench-${path.basename(folder)}`
    : path.relative('.', path.join(folder, 'wake-up'))

/** Opens the publisher's side. */
export async function openWakeUps(folder: string): Promise<{ send(): void; close(): void }> {
  const listeners = new Set<Socket>()
  const server = createServer((socket) => {
    listeners.add(socket)
    socket.on('error', () => undefined).on('close', () => listeners.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(socketOf(folder), resolve))
  return {
    send: () => {
      for (const socket of listeners) if (socket.writableLength === 0) socket.write('!')
    },
    close: () => {
      for (const socket of listeners) socket.destroy()
      server.close()
    },
  }
}

/** Calls `wake` for each wake-up; resolves when it is connected. Returns a function that stops listening. */
export async function listenForWakeUps(folder: string, wake: () => void): Promise<() => void> {
  const socket = connect(socketOf(folder))
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve).once('error', reject)
  })
  socket.on('data', wake)
  return () => socket.destroy()
}
