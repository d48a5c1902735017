// Where log lines go on Node: pino, one JSON line each, to stderr, so that stdout stays a program's own.
// Invariant: a field that bears a secret by its name is never written.

import pino from 'pino'
import type { LogLevel, LogLine, LogSink } from 'tidings/ports'

/** How log lines are written. */
export interface LogOptions {
  /** The least that is written; `silent` writes nothing. Default: `info`. */
  readonly level?: LogLevel | 'silent'
  /** Fields to blank besides the known ones (passwords, tokens, cookies, …), as pino paths: `customer.email`, `*.iban`. */
  readonly redact?: readonly string[]
  /** Takes the written lines instead of stderr. */
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
    // Synchronous: a line written right before a crash is the one that is needed.
    options.destination ?? pino.destination({ fd: 2, sync: true }),
  )
  return ({ level, time, service, message, fields }: LogLine) => {
    if (!logger.isLevelEnabled(level)) return
    try {
      logger[level]({ time: new Date(time).toISOString(), service, ...fields }, message)
    } catch {
      // A field that cannot be written must not stop what is being logged.
      logger[level]({ time: new Date(time).toISOString(), service }, message)
    }
  }
}
