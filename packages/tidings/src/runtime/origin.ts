// Where work comes from: what every event, fact and log line of it is marked with.

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
