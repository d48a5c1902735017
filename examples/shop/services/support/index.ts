// The service `support`.
import { openCase } from './open-case.ts'
import { support } from './service.ts'
import { supportCaseById, supportCasesOfOrder } from './support-cases.ts'

export default support.with({ openCase, supportCaseById, supportCasesOfOrder })
