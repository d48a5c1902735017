// The service `orders`.
import { noteApproval } from './note-approval.ts'
import { noteDelivery } from './note-delivery.ts'
import { noteHandOver } from './note-hand-over.ts'
import { orderAt, orderById } from './order-by-id.ts'
import { orderStream } from './order-stream.ts'
import { orders } from './service.ts'

export default orders.with({ orderStream, noteApproval, noteHandOver, noteDelivery, orderById, orderAt })
