// Finds out who sent a request, before its body is read.

import { type PrincipalInput, TidingsError } from 'tidings'
import { clientAddress } from '../endpoint/client-address.ts'
import type { Exchange } from '../endpoint/exchange.ts'
import type { ApiAccess, ApiRequest } from './api-options.ts'
import { type AuthorizeLimit, authorizeInTime } from './authorize-in-time.ts'

/** What is called; `path` differs from the request's for a part of `/live`. */
export type Called = Pick<ApiRequest, 'service' | 'kind' | 'name'> & { readonly path?: string }

/** The principal of a request; throws `UNAUTHENTICATED` if there is none, `AUTHORIZE_TIMEOUT`, or what `authorize` throws. */
export async function principalOf(
  access: Pick<ApiAccess, 'authorize' | 'isTrustedProxy'>,
  exchange: Exchange,
  { service, kind, name, path = exchange.path }: Called,
  limit: AuthorizeLimit,
): Promise<PrincipalInput | null> {
  const { method, headers, connection } = exchange
  const query = (parameter: string) => exchange.query(parameter)
  const address = addressOf(access, exchange)
  const asked = access.authorize({ service, kind, name, method, path, headers, query, address, connection })
  const who = await authorizeInTime(asked, limit)
  if (who === undefined) throw new TidingsError('UNAUTHENTICATED', 'The caller is not authenticated.')
  checkForm(who)
  return who.principal
}

// A mistake in `authorize` is the service's own: it is answered with 500 and logged, and lets nobody in.
function checkForm(who: unknown): void {
  const principal = who === null || typeof who !== 'object' ? undefined : (who as { principal?: unknown }).principal
  if (principal === null || typeof principal === 'string') return
  const { id, tenant, roles, claims } = (principal ?? {}) as Readonly<Record<string, unknown>>
  const fits =
    typeof id === 'string' &&
    (tenant === undefined || tenant === null || typeof tenant === 'string') &&
    (roles === undefined || (Array.isArray(roles) && roles.every((role) => typeof role === 'string'))) &&
    (claims === undefined || (typeof claims === 'object' && claims !== null))
  if (fits) return
  throw new TypeError(
    'authorize returned neither undefined nor { principal }: null, an id, or { id, tenant?, roles?, claims? }.',
  )
}

/** The address of the caller; `undefined` if the host does not know it. */
export function addressOf(
  { isTrustedProxy }: Pick<ApiAccess, 'isTrustedProxy'>,
  exchange: Exchange,
): string | undefined {
  const { address } = exchange.connection
  return isTrustedProxy === undefined
    ? address
    : clientAddress(address, exchange.headers.get('x-forwarded-for'), isTrustedProxy)
}
