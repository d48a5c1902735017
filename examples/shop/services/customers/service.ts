// The service `customers`: it keeps every customer and publishes their state. It subscribes to nothing.
import { defineService, defineTable } from 'tidings'
import { Customer, CustomerChanged } from './contract.ts'

const customerTable = defineTable('customers')
  .version(1, Customer)
  .key((customer) => customer.customerId)

export const customers = defineService('customers', {
  description: 'Who the customers are and where they live.',
  publishes: [CustomerChanged],
  tables: { customers: customerTable },
})
