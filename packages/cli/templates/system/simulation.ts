// How the system is simulated: what customers do, and what must hold under every fault. `npm run simulate` reads this file.
import { defineInvariant, defineSimulation, send } from '@tidings/testing'
import { OrderChanged, PlaceOrder } from './services/orders/contract.ts'
import orders from './services/orders/index.ts'
import parcels from './services/parcels/index.ts'

export default defineSimulation({
  *workload({ random, seed }) {
    for (let number = 1; ; number++) {
      const tea = { orderId: `order-${seed}-${number}`, item: 'tea', quantity: random.whole(1, 5) }
      yield send(orders, PlaceOrder, tea)
    }
  },
  invariants: [
    defineInvariant('every order gets a parcel', async ({ events, rows }) => {
      const packed = new Set((await rows(parcels, 'parcels')).map(({ orderId }) => orderId))
      const forgotten = (await events(OrderChanged)).find(({ key }) => !packed.has(key))
      return forgotten && `${forgotten.key} has no parcel`
    }),
  ],
})
