// Log lines for development: one readable line each on stderr. With `--json` they are the same lines as in production.

import { createLogSink } from '@tidings/node'
import type { LogLevel, LogSink } from 'tidings/ports'
import type { Terminal } from '../terminal/terminal.ts'
import { dim, red, type Text, yellow } from '../terminal/text.ts'
import { clockText } from '../terminal/time-text.ts'

/** The log levels, from everything to nothing. */
export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const

const paint: Readonly<Record<LogLevel, (text: Text) => Text>> = { debug: dim, info: dim, warn: yellow, error: red }

/** Makes the log of a system in development. */
export function developmentLog(terminal: Terminal, level: string, json: boolean): LogSink {
  if (json) return createLogSink({ level: level as LogLevel | 'silent' })
  const least = logLevels.indexOf(level as LogLevel)
  return (line) => {
    if (logLevels.indexOf(line.level) < least) return
    const fields = Object.entries(line.fields)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    terminal.note([
      dim(`${clockText(line.time).slice(0, 8)} `),
      paint[line.level](`${line.level.padEnd(5)} `),
      line.service === undefined ? '' : `${line.service}  `,
      line.message,
      dim(fields.length === 0 ? '' : `  ${fields.join(' ')}`),
    ])
  }
}
