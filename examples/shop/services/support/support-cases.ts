// Answers with one case, or with all cases of an order.
import { SupportCaseById, SupportCasesOfOrder } from './contract.ts'
import { support } from './service.ts'

export const supportCaseById = support.query(SupportCaseById, ({ caseId }, { tables }) => tables.cases.get(caseId))

export const supportCasesOfOrder = support.query(SupportCasesOfOrder, async ({ orderId }, { tables }) => [
  ...(await tables.cases.find('orderId', orderId)),
])
