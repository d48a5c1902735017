// Log lines that name the service (or none, if they are of the whole process), and further fields such as the conversation.

import { describeThrown } from '../../errors/index.ts'
import type { Environment } from '../../ports/environment.ts'
import type { LogLevel } from '../../ports/index.ts'
import type { Log } from '../../services/index.ts'

/** A log whose lines name a service, or none if they are of the whole process, and have the given fields. */
export function createLog(
  environment: Pick<Environment, 'clock' | 'log'>,
  service: string | undefined,
  bound: Readonly<Record<string, unknown>> = {},
): Log {
  const write = (level: LogLevel) => (message: string, fields?: Readonly<Record<string, unknown>>) => {
    const line = { level, time: environment.clock.now(), service, message }
    try {
      environment.log({ ...line, fields: fields === undefined ? bound : { ...bound, ...fields } })
    } catch (error) {
      // Fields may have getters that throw, or values that cannot be written. They must not fail the function that logs.
      environment.log({
        ...line,
        message: messageText(message),
        fields: { ...bound, notLogged: describeThrown(error).message },
      })
    }
  }
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
}

// Untyped code may log anything.
function messageText(message: unknown): string {
  return typeof message === 'string' ? message : `a message of type ${typeof message}`
}
