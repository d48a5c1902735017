// Answers a request for the OpenAPI document of all services of an API, in one process or behind a front.

import type { Service } from 'tidings'
import { type Answer, answerJson } from '../endpoint/answer.ts'
import type { Exchange } from '../endpoint/exchange.ts'
import type { ApiAccess } from './api-options.ts'
import type { AuthorizeLimit } from './authorize-in-time.ts'
import { openApiOf } from './openapi.ts'
import { principalOf } from './principal.ts'

/** Authorizes the caller, and answers with the document. If there is one service only, its paths are without its name. */
export async function answerDocument(
  access: ApiAccess,
  exchange: Exchange,
  services: readonly Service[],
  limit: AuthorizeLimit,
): Promise<Answer> {
  const [only] = services.length === 1 ? services : []
  await principalOf(access, exchange, { service: only?.name ?? '', kind: 'document', name: 'openapi' }, limit)
  const { securitySchemes } = access
  return answerJson(openApiOf(services, { prefix: only === undefined ? 'service' : 'none', securitySchemes }))
}
