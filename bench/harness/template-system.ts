// A system of the template that `tidings dev` runs, from its start to its end, and an order that it deals with.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** How often the parcel of an order is asked for. */
const askEveryMs = 2

/** Starts the system with the command `bin`; resolves when it answers. */
export async function startDev(bin: string, folder: string) {
  const child = spawn(process.execPath, [bin, 'dev', '--port', '0', '--no-reload', '--json'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  const gone = ended.then(([code]) => Promise.reject(new Error(`tidings dev exited with ${code}.`)))
  const line = once(createInterface(child.stdout), 'line')
  const [text] = (await Promise.race([line, gone])) as [string]
  gone.catch(() => undefined)
  const { http } = JSON.parse(text) as { readonly http: string }
  return {
    http,
    end: async () => {
      child.kill('SIGINT')
      await ended
    },
  }
}

/** Places an order, and waits until the other service has packed its parcel. */
export async function dealWithAnOrder(http: string, orderId: string): Promise<void> {
  const post = (name: string, body: object) =>
    fetch(`${http}/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const placed = await post('orders/commands/place-order', { orderId, item: 'tea', quantity: 3 })
  if (!placed.ok) throw new Error(`The order was answered with ${placed.status}.`)
  for (;;) {
    const parcel = await post('parcels/queries/parcel-of-order', { orderId })
    if ((await parcel.text()).includes('tea')) return
    await new Promise((resolve) => setTimeout(resolve, askEveryMs))
  }
}
