// Writes log lines on Node, to stderr: with pino as one JSON line each, or as text for people. Stdout is left to the program.
// Invariant: if a field is named like a secret, its value is never written, and no reader of stderr holds the process up.

import pino from 'pino'
import type { LogLevel, LogLine, LogSink } from 'tidings/ports'
import { outputOf, reportDropped } from '../output/bounded-output.ts'
import { lineText, type SerializedLine } from './text-lines.ts'

/** Options of the log. */
export interface LogOptions {
  /** The lowest level that is written; `silent` writes nothing. Default: `info`. */
  readonly level?: LogLevel | 'silent'
  /**
   * How lines are written: `json` for machines, one object a line; `text` for people, with the error and the stack of your own code on lines
   * of their own. Default: `text` in `startSystem`; `json` elsewhere, such as in `tidings start`.
   */
  readonly format?: 'json' | 'text'
  /** Fields to redact besides the known ones (passwords, tokens, cookies, …), as pino paths: `customer.email`, `*.iban`. Default: none. */
  readonly redact?: readonly string[]
  /**
   * Where lines are written. Default: stderr. If nobody reads it, up to 1 MiB waits and what comes then is dropped; a line says how many, once it is read
   * again.
   */
  readonly destination?: { write(line: string): void }
}

const secretNames = ['authorization', 'cookie', 'password', 'passphrase', 'secret', 'token', 'apiKey', 'privateKey']
const secretPaths = secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`])

const nowhere = { write: () => {} }

/** Creates a log sink that writes lines through pino. */
export function createLogSink(options: LogOptions = {}): LogSink {
  // What there is room for is in the pipe or file when this returns, because the lines right before a crash matter most.
  const destination = options.destination ?? (options.level === 'silent' ? nowhere : outputOf('stderr'))
  const logger = pino(
    {
      level: options.level ?? 'info',
      base: null,
      timestamp: false,
      formatters: { level: (level) => ({ level }) },
      redact: { paths: [...secretPaths, ...(options.redact ?? [])], censor: '[redacted]' },
    },
    options.format === 'text' ? asText(destination, options.destination === undefined) : destination,
  )
  const sink: LogSink = ({ level, time, service, message, fields }: LogLine) => {
    if (!logger.isLevelEnabled(level)) return
    try {
      logger[level]({ time: new Date(time).toISOString(), service, ...fields }, message)
    } catch {
      // A field that cannot be serialized must not lose the message.
      logger[level]({ time: new Date(time).toISOString(), service }, message)
    }
  }
  if (options.destination === undefined && options.level !== 'silent') logDropped(sink)
  return sink
}

// Of what the program itself prints, too, if that is bounded.
function logDropped(sink: LogSink): void {
  reportDropped((dropped) =>
    sink({
      level: 'warn',
      time: Date.now(),
      service: undefined,
      message: 'Lines of the output were dropped',
      fields: { ...dropped },
    }),
  )
}

// What pino has written, and so redacted and made safe to serialize, is what is shown.
function asText(destination: { write(line: string): void }, toStderr: boolean): { write(line: string): void } {
  const coloured = toStderr && coloursOn()
  const widthOf = () => (toStderr && process.stderr.isTTY ? process.stderr.columns : Number.POSITIVE_INFINITY)
  return {
    write: (line) => destination.write(lineText(JSON.parse(line) as SerializedLine, { coloured, width: widthOf() })),
  }
}

function coloursOn(): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env
  if (NO_COLOR !== undefined && NO_COLOR !== '') return false
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== '0') return true
  return process.stderr.isTTY && TERM !== 'dumb'
}
