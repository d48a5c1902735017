// Registers a customer or changes their address. The same input again changes nothing and publishes nothing.
import { sameFields } from '../same-fields.ts'
import { CustomerChanged, RegisterCustomer } from './contract.ts'
import { customers } from './service.ts'

export const registerCustomer = customers.command(
  RegisterCustomer,
  { publishes: [CustomerChanged] },
  async (customer, { tables, publish }) => {
    const known = await tables.customers.get(customer.customerId)
    if (known !== undefined && sameFields(known, customer)) return
    tables.customers.put(customer)
    publish(CustomerChanged, customer)
  },
)
