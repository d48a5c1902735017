// What `courier` owns: what it delivered. It is the only service that speaks to the outside, and does so by effects alone.
import { defineService, defineTable } from 'tidings'
import { Delivery, ImpulseDelivered, ImpulseDropped } from './contract.ts'

/** What was delivered, for the page. */
export const delivered = defineTable('delivered')
  .version(1, Delivery)
  .key((delivery) => delivery.impulseId)
  .index('roomId')

export const courier = defineService('courier', {
  description: 'Brings impulses to a webhook.',
  publishes: [ImpulseDelivered, ImpulseDropped],
  tables: { delivered },
})
