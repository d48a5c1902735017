// The port for log lines. Invariant: the runtime never logs payloads, personal data or secrets.

/** The severity of a line. */
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

/** Receives log lines; must not throw. */
export type LogSink = (line: LogLine) => void
