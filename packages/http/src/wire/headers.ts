// The headers that say something about a command or query besides its input.

/** The time something occurred. */
export const occurredAtHeader = 'tidings-occurred-at'

/** The conversation it belongs to. */
export const correlationHeader = 'tidings-correlation-id'

/** The tokens of commands whose effects a query must show. */
export const afterHeader = 'tidings-after'
