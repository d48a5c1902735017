// The contract of `customers`: the full public state of each customer.
import { defineCommand, defineEvent, defineQuery } from 'tidings'
import { z } from 'zod'
import { Id } from '../words.ts'

/** A customer as others see them. One person may be several customers. */
export const Customer = z.object({
  customerId: Id,
  /** The person behind the customer. */
  personId: Id,
  zipCode: z.string(),
  city: z.string(),
  /** The federal state: `SP`. */
  state: z.string(),
})

/** A customer's public state, published whenever it changes. */
export const CustomerChanged = defineEvent('shop.customer-changed', { owner: 'customers', pattern: 'state-transfer' })
  .version(1, Customer)
  .key((customer) => customer.customerId)

/** Registers a customer, or changes their address. */
export const RegisterCustomer = defineCommand('register-customer', {
  expose: true,
  input: Customer,
  key: (customer) => customer.customerId,
})

/** One customer. */
export const CustomerById = defineQuery('customer', {
  owner: 'customers',
  expose: true,
  input: z.object({ customerId: Id }),
  output: Customer,
})
