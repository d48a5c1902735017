// Refuses requests by their headers: from pages of other origins (CSRF), and to host names that were made to point here (DNS rebinding).
// Browsers set Host, Origin and Sec-Fetch-Site themselves; a page cannot forge them.

import type { HttpErrorCode } from './problem-of-error.ts'

/** Which requests may come in besides those to loopback names and from the API's own origin. */
export interface AccessPolicy {
  /** Further host names, without a port. */
  readonly hosts: readonly string[]
  /** Further origins: `https://shop.example`. */
  readonly origins: readonly string[]
}

/** Reads one header; `null` or `undefined` if it is missing. */
export type HeaderReader = (name: string) => string | null | undefined

const loopbackNames = ['localhost', '127.0.0.1', '[::1]']
const hostForm = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/

/** Why a request is refused; `undefined` if it may come in. */
export function refusalOf(
  header: HeaderReader,
  policy: AccessPolicy,
): { readonly code: HttpErrorCode; readonly detail: string } | undefined {
  const host = header('host')?.toLowerCase() ?? ''
  const name = hostForm.exec(host)?.[1]?.replace(/\.$/, '')
  if (name === undefined || !(loopbackNames.includes(name) || policy.hosts.includes(name)))
    return { code: 'host-refused', detail: 'The host name of the request is not allowed.' }
  const origin = header('origin')?.toLowerCase()
  if (origin !== undefined) {
    if (origin === `http://${host}` || origin === `https://${host}` || policy.origins.includes(origin)) return undefined
    return { code: 'origin-refused', detail: 'The request comes from a page of another origin.' }
  }
  const site = header('sec-fetch-site')
  if (site === 'cross-site' || site === 'same-site')
    return { code: 'origin-refused', detail: 'The request comes from a page of another origin.' }
  return undefined
}

/** Whether an address can be reached from this machine only. */
export function isLoopback(address: string): boolean {
  return address === 'localhost' || address === '::1' || /^127(?:\.\d{1,3}){3}$/.test(address)
}

/** The CORS headers for an allowed origin; none for the API's own origin. */
export function corsHeaders(header: HeaderReader, policy: AccessPolicy): Readonly<Record<string, string>> {
  const origin = header('origin')?.toLowerCase()
  if (origin === undefined || !policy.origins.includes(origin)) return {}
  return {
    'access-control-allow-origin': origin,
    // The origins are listed one by one, so a page of theirs may send its cookies: an EventSource has no other credentials.
    'access-control-allow-credentials': 'true',
    'access-control-allow-methods': 'GET, POST',
    'access-control-allow-headers':
      'authorization, content-type, idempotency-key, last-event-id, tidings-after, tidings-occurred-at, tidings-correlation-id, traceparent, tracestate',
    // What a page needs besides the headers that every page may read.
    'access-control-expose-headers': 'allow, date, retry-after, www-authenticate',
    'access-control-max-age': '600',
    vary: 'origin',
  }
}
