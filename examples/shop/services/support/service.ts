// The service `support`: a case for each bad review.
import { defineService, defineTable } from 'tidings'
import { SupportCase, SupportCaseOpened } from './contract.ts'

const cases = defineTable('cases')
  .version(1, SupportCase)
  .key((opened) => opened.caseId)
  .index('orderId')

export const support = defineService('support', {
  description: 'Cases for customers who were not happy.',
  publishes: [SupportCaseOpened],
  tables: { cases },
})
