// The service `customers`.
import { customerById } from './customer-by-id.ts'
import { registerCustomer } from './register-customer.ts'
import { customers } from './service.ts'

export default customers.with({ registerCustomer, customerById })
