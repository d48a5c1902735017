// Tokens: where a service's log and facts stood when a command was answered. A query that is shown one waits until it has read as far.
// Invariant: a token covers all that its command has committed, and is nothing but text that this grammar lets pass.

import { TidingsError } from '../../errors/index.ts'
import { formatPosition, type Position, type Store } from '../../ports/index.ts'

/** What a token says. */
export interface ReadToken {
  readonly service: string
  readonly epoch: string
  /** The last event of the service's log that it covers. */
  readonly log: Position
  /** The last fact of the service that it covers. */
  readonly facts: Position
}

/** The longest token, in characters. */
export const tokenLengthMax = 400

/** The most tokens that one query may show. */
export const tokenCountMax = 16

const number = '(0|[1-9][0-9]{0,15})'
const grammar = new RegExp(`^1:([a-z][a-z0-9-]{0,119}):([A-Za-z0-9._~!*'()%-]{1,200}):${number}:${number}$`)

/** The token of a commit, or of whatever else says where the log and the facts stand. */
export function tokenOf(
  store: Pick<Store, 'service' | 'epoch'>,
  { eventLogHead, factsHead }: { readonly eventLogHead: Position; readonly factsHead: Position },
): string {
  return `1:${store.service}:${encodeURIComponent(store.epoch)}:${Number(eventLogHead)}:${Number(factsHead)}`
}

/**
 * The token of what a store holds now: it covers whatever was committed before the call, also what its committer has not heard of yet.
 *
 * @param known - where the heads are known to be at least, so that hardly anything is read.
 */
export async function presentToken(
  store: Store,
  known: { readonly eventLogHead: Position; readonly factsHead: Position },
): Promise<string> {
  const { head: eventLogHead } = await store.readEventLog({ after: known.eventLogHead, limit: 1 })
  const { head: factsHead } = await store.readFacts({ after: known.factsHead, limit: 1 })
  return tokenOf(store, { eventLogHead, factsHead })
}

/** Reads a token; throws `INVALID_TOKEN`. */
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

/** Reads the tokens that a query shows; throws `INVALID_TOKEN`. */
export function parseTokens(after: string | readonly string[]): readonly ReadToken[] {
  const texts = typeof after === 'string' ? [after] : after
  if (!Array.isArray(texts)) throw invalid(texts)
  if (texts.length > tokenCountMax)
    throw new TidingsError('INVALID_TOKEN', `A query shows ${texts.length} tokens; ${tokenCountMax} are the most.`)
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
  return new TidingsError('INVALID_TOKEN', `What a query shows to be answered after is no token: ${shown}.`)
}
