// Writes log lines on Node: one JSON line each, with pino, to stderr. Stdout is left to the program.
// Invariant: if a field is named like a secret, its value is never written.

import pino from 'pino'
import type { LogLevel, LogLine, LogSink } from 'tidings/ports'

/** Options of the log. */
export interface LogOptions {
  /** The lowest level that is written; `silent` writes nothing. Default: `info`. */
  readonly level?: LogLevel | 'silent'
  /** Fields to redact besides the known ones (passwords, tokens, cookies, …), as pino paths: `customer.email`, `*.iban`. Default: none. */
  readonly redact?: readonly string[]
  /** Where lines are written. Default: stderr. */
  readonly destination?: { write(line: string): void }
}

const secretNames = ['authorization', 'cookie', 'password', 'passphrase', 'secret', 'token', 'apiKey', 'privateKey']
const secretPaths = secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`])

/** Creates a log sink that writes JSON lines through pino. */
export function createLogSink(options: LogOptions = {}): LogSink {
  const logger = pino(
    {
      level: options.level ?? 'info',
      base: null,
      timestamp: false,
      formatters: { level: (level) => ({ level }) },
      redact: { paths: [...secretPaths, ...(options.redact ?? [])], censor: '[redacted]' },
    },
    // Synchronous, because the lines right before a crash matter most.
    options.destination ?? pino.destination({ fd: 2, sync: true }),
  )
  return ({ level, time, service, message, fields }: LogLine) => {
    if (!logger.isLevelEnabled(level)) return
    try {
      logger[level]({ time: new Date(time).toISOString(), service, ...fields }, message)
    } catch {
      // A field that cannot be serialized must not lose the message.
      logger[level]({ time: new Date(time).toISOString(), service }, message)
    }
  }
}
