// The service `courier`: the delivered impulses. It is the only service that calls the outside world, and it does so only through effects.
import { defineService, defineTable } from 'tidings'
import { Delivery, ImpulseDelivered, ImpulseDropped } from './contract.ts'

/** The delivered impulses, for the page. */
export const delivered = defineTable('delivered')
  .version(1, Delivery)
  .key((delivery) => delivery.impulseId)
  .index('roomId')

export const courier = defineService('courier', {
  description: 'Sends impulses to a webhook.',
  publishes: [ImpulseDelivered, ImpulseDropped],
  tables: { delivered },
})
