// Who calls, in the types of contexts: roles and claims where a request is handled, id and tenant everywhere.

import { defineCommand, defineDecider, defineEvent, defineQuery, defineService, fact, reject } from 'tidings'
import { z } from 'zod'

declare module 'tidings' {
  interface Claims {
    readonly email?: string
  }
}

const data = z.object({ orderId: z.string() })
const OrderPlaced = defineEvent('shop.order-placed', { owner: 'orders', pattern: 'notification' })
  .version(1, data)
  .key(({ orderId }) => orderId)
const PlaceOrder = defineCommand('place-order', { input: data })
const CancelOrder = defineCommand('cancel-order', { input: data, key: ({ orderId }) => orderId })
const OrderOf = defineQuery('order-of', { owner: 'orders', input: data, output: data })

const orders = defineService('orders', { publishes: [OrderPlaced] })

orders.command(PlaceOrder, (_input, { principal }) => {
  const email: string | undefined = principal?.claims.email
  return principal?.roles.includes('clerk') ? undefined : reject('not-a-clerk', `${email} of ${principal?.tenant}`)
})

orders.query(OrderOf, ({ orderId }, { principal }) => (principal?.roles.includes('clerk') ? { orderId } : undefined))

orders.on(OrderPlaced, (_data, { principal, event }) => {
  const id: string | undefined = principal?.id
  const same: readonly (string | null | undefined)[] = [id, event.principal, principal?.tenant, event.tenant]
  // @ts-expect-error Roles are not kept with an event.
  void [same, principal?.roles]
})

defineDecider('order', {
  commands: { CancelOrder },
  facts: { cancelled: fact(data) },
  initialState: () => ({ open: true }),
  decide: {
    CancelOrder: (command, _state, { facts, principal }) =>
      principal?.roles.includes('clerk') ? facts.cancelled(command) : reject('not-a-clerk', 'Only a clerk may.'),
  },
  evolve: { cancelled: (state, _data, { principal, tenant }) => ({ ...state, by: [principal, tenant] }) },
})
