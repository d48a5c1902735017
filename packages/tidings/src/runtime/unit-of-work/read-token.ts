// Tokens: the positions of a service's event log and facts when a command was answered. A query that gets one as `after` waits until it
// has reached them. Invariant: a token covers everything that its command has committed, and always matches this grammar.

import { TidingsError } from '../../errors/index.ts'
import { formatPosition, type Position, type Store } from '../../ports/index.ts'

/** A parsed token. */
export interface ReadToken {
  readonly service: string
  readonly epoch: string
  /** The last position of the event log that it covers. */
  readonly log: Position
  /** The last position of the facts that it covers. */
  readonly facts: Position
}

/** The longest token, in characters. */
export const tokenLengthMax = 400

/** The most tokens of one query. */
export const tokenCountMax = 16

const number = '(0|[1-9][0-9]{0,15})'
const grammar = new RegExp(`^1:([a-z][a-z0-9-]{0,119}):([A-Za-z0-9._~!*'()%-]{1,200}):${number}:${number}$`)

/** The token of the heads of an event log and of the facts, such as a commit returns. */
export function tokenOf(
  store: Pick<Store, 'service' | 'epoch'>,
  { eventLogHead, factsHead }: { readonly eventLogHead: Position; readonly factsHead: Position },
): string {
  return `${prefixOf(store)}${Number(eventLogHead)}:${Number(factsHead)}`
}

// The epoch of a store does not change while it is open, and every command of it is answered with a token.
const prefixes = new WeakMap<Pick<Store, 'service' | 'epoch'>, string>()

function prefixOf(store: Pick<Store, 'service' | 'epoch'>): string {
  let prefix = prefixes.get(store)
  if (prefix === undefined) {
    prefix = `1:${store.service}:${encodeURIComponent(store.epoch)}:`
    prefixes.set(store, prefix)
  }
  return prefix
}

/**
 * The token of what a store holds now. It covers everything committed before the call, including commits that the store has not answered yet.
 *
 * @param known - heads to start reading from, so that little is read.
 */
export async function presentToken(
  store: Store,
  known: { readonly eventLogHead: Position; readonly factsHead: Position },
): Promise<string> {
  const { head: eventLogHead } = await store.readEventLog({ after: known.eventLogHead, limit: 1 })
  const { head: factsHead } = await store.readFacts({ after: known.factsHead, limit: 1 })
  return tokenOf(store, { eventLogHead, factsHead })
}

/** Parses a token; throws `INVALID_TOKEN`. */
export function parseToken(text: unknown): ReadToken {
  const found = typeof text === 'string' && text.length <= tokenLengthMax ? grammar.exec(text) : null
  const [, service, epoch, log, facts] = found ?? []
  if (service === undefined || epoch === undefined) throw invalid(text)
  if (![log, facts].every((digits) => Number.isSafeInteger(Number(digits)))) throw invalid(text)
  return {
    service,
    epoch: decoded(epoch, text),
    log: formatPosition(Number(log)),
    facts: formatPosition(Number(facts)),
  }
}

/** Parses the tokens of a query; throws `INVALID_TOKEN`. */
export function parseTokens(after: string | readonly string[]): readonly ReadToken[] {
  const texts = typeof after === 'string' ? [after] : after
  if (!Array.isArray(texts)) throw invalid(texts)
  if (texts.length > tokenCountMax)
    throw new TidingsError(
      'INVALID_TOKEN',
      `A query has ${texts.length} \`after\` tokens; it may have at most ${tokenCountMax}.`,
    )
  return texts.map(parseToken)
}

function decoded(epoch: string, text: unknown): string {
  try {
    return decodeURIComponent(epoch)
  } catch {
    throw invalid(text)
  }
}

function invalid(text: unknown): TidingsError {
  const shown = typeof text === 'string' ? JSON.stringify(text.slice(0, 60)) : `a value of type ${typeof text}`
  return new TidingsError('INVALID_TOKEN', `Invalid \`after\` token: ${shown}.`)
}
