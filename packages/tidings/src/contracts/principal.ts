// Who causes work. Id and tenant are kept with every event, fact, timer and effect that follows from it; roles and claims are there only
// while the request is handled. Invariant: what is kept is text that every store can keep.

import { TidingsError } from '../errors/index.ts'
import { checkText } from './names.ts'

/** Who caused something, as it is kept with events and facts. */
export interface Principal {
  /** Who it is, such as a user's id: 1 to 512 characters. */
  readonly id: string
  /** The tenant it acts for, such as an organisation's id; `null` if there are no tenants. Two tenants may use the same `id`. */
  readonly tenant: string | null
}

/**
 * Who calls: the principal with its roles and claims, as `authorize` of the HTTP API returned them.
 *
 * Roles and claims are not kept. If a command is executed because of an event, a timer or an effect, both are empty.
 */
export interface Caller extends Principal {
  /** What the caller may do, in your own words. */
  readonly roles: readonly string[]
  readonly claims: Claims
}

/**
 * What else is known of a caller, such as the claims of its token. Declare yours once, and every context has their types:
 * `declare module 'tidings' { interface Claims { readonly email?: string } }`.
 */
export interface Claims {
  readonly [claim: string]: unknown
}

/** A principal as you give it: its id alone, or with tenant, roles and claims. */
export type PrincipalInput =
  | string
  | {
      /** Who it is: 1 to 512 characters. */
      readonly id: string
      /** The tenant it acts for: 1 to 512 characters. Default: none. */
      readonly tenant?: string | null | undefined
      /** What it may do. Default: nothing. */
      readonly roles?: readonly string[] | undefined
      /** What else is known of it. Default: nothing. */
      readonly claims?: Claims | undefined
    }

const noRoles: readonly string[] = Object.freeze([])
const noClaims: Claims = Object.freeze({})

/** The caller that is given; throws `INVALID_KEY` if it cannot be kept, `INVALID_PAYLOAD` if its roles or claims have another form. */
export function callerOf(what: string, given: PrincipalInput | null | undefined): Caller | null {
  if (given === null || given === undefined) return null
  if (typeof given === 'string')
    return { id: checkText(`The principal of ${what}`, given), tenant: null, roles: noRoles, claims: noClaims }
  const { id, tenant = null, roles = noRoles, claims = noClaims } = given
  checkText(`The principal of ${what}`, id)
  if (tenant !== null) checkText(`The tenant of the principal of ${what}`, tenant)
  if (!Array.isArray(roles) || !roles.every((role) => typeof role === 'string'))
    throw new TidingsError('INVALID_PAYLOAD', `The roles of the principal of ${what} are not a list of texts.`)
  if (typeof claims !== 'object' || claims === null)
    throw new TidingsError('INVALID_PAYLOAD', `The claims of the principal of ${what} are not an object.`)
  return { id, tenant, roles, claims }
}

/** The caller that was kept with an event, a timer or an effect, which has neither roles nor claims. */
export function keptCaller(id: string | null, tenant: string | null): Caller | null {
  return id === null ? null : { id, tenant, roles: noRoles, claims: noClaims }
}
