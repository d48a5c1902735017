// Which subscriber a handler or process belongs to. The option's old name is refused: if it were ignored, the handler would silently move
// to another subscriber.

import { checkSimpleName } from '../contracts/index.ts'
import { TidingsError } from '../errors/index.ts'

/** The subscriber that options name, or the default. Throws `INVALID_NAME`, or `INVALID_CONTRACT` for the old name `lane`. */
export function subscriberOf(what: string, options: { readonly subscriber?: string }, standard: string): string {
  if (Object.hasOwn(options, 'lane'))
    throw new TidingsError('INVALID_CONTRACT', `${what} has the option lane, which is now called subscriber.`)
  return checkSimpleName('subscriber', options.subscriber ?? standard)
}
