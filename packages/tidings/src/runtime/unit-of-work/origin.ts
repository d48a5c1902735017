// Where work comes from: what every event, fact and log line of it is marked with.

import { TidingsError } from '../../errors/index.ts'

/** The origin of a piece of work. */
export interface Origin {
  readonly service: string
  readonly correlationId: string
  /** The id of the command or event that is being worked on. */
  readonly causationId: string
  /** `command/place-order`, `handler/dispatch-parcel`. */
  readonly causedBy: string
  readonly principal: string | null
  readonly traceparent: string | null
  /** When the matter occurred, in milliseconds since 1970. */
  readonly occurredAt: number
}

/** When the matter of something occurred, in milliseconds since 1970: as it is said, or otherwise; throws `INVALID_PAYLOAD`. */
export function occurredAtOf(what: string, said: Date | undefined, otherwise: number): number {
  const occurredAt = said?.getTime() ?? otherwise
  if (!Number.isNaN(occurredAt)) return occurredAt
  throw new TidingsError('INVALID_PAYLOAD', `${what} was given an occurredAt that is no date.`)
}
