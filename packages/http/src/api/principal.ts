// Finds out who sent a request, before its body is read.

import { TidingsError } from 'tidings'
import type { ApiAccess, ApiRequest } from './api-options.ts'

/** The principal of a request; throws `UNAUTHENTICATED` if there is none, or what `authorize` throws. */
export async function principalOf({ authorize }: Pick<ApiAccess, 'authorize'>, request: ApiRequest) {
  const who = await authorize(request)
  if (who === undefined) throw new TidingsError('UNAUTHENTICATED', 'The caller is not authenticated.')
  return who.principal
}
