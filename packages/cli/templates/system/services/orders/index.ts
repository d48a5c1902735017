// The service `orders`.
import { notePacking } from './note-packing.ts'
import { orderById } from './order-by-id.ts'
import { placeOrder } from './place-order.ts'
import { orders } from './service.ts'

export default orders.with({ placeOrder, notePacking, orderById })
