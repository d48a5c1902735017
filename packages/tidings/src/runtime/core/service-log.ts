// Log lines that name the service, and further fields such as the conversation.

import type { Environment } from '../../ports/environment.ts'
import type { LogLevel } from '../../ports/index.ts'
import type { Log } from '../../services/index.ts'

/** A log whose lines have the given fields. */
export function createLog(
  environment: Environment,
  service: string | undefined,
  bound: Readonly<Record<string, unknown>> = {},
): Log {
  const write = (level: LogLevel) => (message: string, fields?: Readonly<Record<string, unknown>>) =>
    environment.log({
      level,
      time: environment.clock.now(),
      service,
      message,
      fields: fields === undefined ? bound : { ...bound, ...fields },
    })
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
}
