// Where log lines go. Payloads, keys of persons and secrets are never among the fields the runtime logs.

/** How much a line matters. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** One log line. */
export interface LogLine {
  readonly level: LogLevel
  /** Milliseconds since 1970 (UTC). */
  readonly time: number
  readonly service: string | undefined
  readonly message: string
  readonly fields: Readonly<Record<string, unknown>>
}

/** Takes log lines; must not throw. */
export type LogSink = (line: LogLine) => void
