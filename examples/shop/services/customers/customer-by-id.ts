// Answers with one customer.
import { CustomerById } from './contract.ts'
import { customers } from './service.ts'

export const customerById = customers.query(CustomerById, ({ customerId }, { tables }) =>
  tables.customers.get(customerId),
)
