// The last line of a process that its watchdog ends, in the format of the log. Invariant: a stderr that nobody reads does not hold the end up.

import { write } from 'node:fs'
import type { LogLevel } from 'tidings/ports'
import { lineText, type SerializedLine } from '../environment/text-lines.ts'
import type { WatchdogSettings } from './watchdog-messages.ts'

/** A line of the log. */
export interface Line {
  readonly level: LogLevel
  readonly service: string | undefined
  readonly message: string
  readonly fields: Readonly<Record<string, unknown>>
}

/** How long writing may take before the process ends without it, in milliseconds. */
const writeMsMax = 500

/** Writes a line to stderr; resolves when it was written, or could not be. */
export function writeLine(line: Line, how: WatchdogSettings['line']): Promise<void> {
  if (how === undefined) return Promise.resolve()
  const { level, service, message, fields } = line
  const serialized: SerializedLine = {
    level,
    time: new Date().toISOString(),
    ...(service === undefined ? {} : { service }),
    ...fields,
    msg: message,
  }
  const text =
    how.format === 'json'
      ? `${JSON.stringify(serialized)}\n`
      : lineText(serialized, { coloured: how.coloured, width: how.width ?? Number.POSITIVE_INFINITY })
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, writeMsMax)
    // Not through `process.stderr`, which would pass through the main thread, and not synchronously: a full pipe would block this thread too.
    write(2, text, () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
