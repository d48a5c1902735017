// The headers that carry the options of a command or query.

/** When a command occurred. */
export const occurredAtHeader = 'tidings-occurred-at'

/** The conversation that a request belongs to. */
export const correlationHeader = 'tidings-correlation-id'

/** Tokens of commands whose effects the answer to a query must include. */
export const afterHeader = 'tidings-after'
