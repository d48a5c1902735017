// Commands over HTTP, beside Hono with the same validation and the same insert. Another process sends them over some connections, the next one as
// soon as the last is answered.

import { rateOf } from '../harness/cpu.ts'
import { startHttpCallers } from '../harness/http-callers.ts'
import { openHttpOrders } from '../tidings/http-orders.ts'
import type { Contender, Durability, Place, Work } from '../work.ts'
import { openHttpOrders as openByHand } from '../yardstick/http-orders.ts'

const connectionCount = 16
const durationMs = 1_000

interface Server {
  readonly url: string
  readonly path: string
  close(): Promise<void> | void
}

const contender =
  (open: (place: Place) => Promise<Server>): Contender =>
  async (place) => {
    const server = await open(place)
    const callers = await startHttpCallers({ ...server, connectionCount })
    return {
      round: () => rateOf(() => callers.call(durationMs)),
      close: async () => {
        await callers.close()
        await server.close()
      },
    }
  }

/** The row for a durability. */
export const httpCommands = (durability: Durability): Work => ({
  work: 'command over HTTP, beside Hono',
  about: `A command that publishes an event, over ${connectionCount} connections. By hand, Hono validates the same and inserts the same.`,
  durability,
  unit: 'commands/s',
  marks: { yardstick: 0.75 },
  usesPeers: true,
  tidings: contender(openHttpOrders),
  yardstick: contender(openByHand),
})
