// An event as `--json` prints it: times as ISO strings, data as a value.

import type { LoggedEvent } from 'tidings'

/** The JSON of an event. */
export interface EventJson extends Omit<LoggedEvent, 'data' | 'downcasts' | 'occurredAt' | 'recordedAt'> {
  readonly occurredAt: string
  readonly recordedAt: string
  /** The data as a value; `null` is a retraction. */
  readonly data: unknown
}

/** Makes the JSON of an event. */
export function eventJson({ data, downcasts: _downcasts, ...event }: LoggedEvent): EventJson {
  return {
    ...event,
    occurredAt: new Date(event.occurredAt).toISOString(),
    recordedAt: new Date(event.recordedAt).toISOString(),
    data: dataValue(data),
  }
}

/** The data of an event as a value; text that is not JSON stays a string. */
export function dataValue(data: string | null): unknown {
  if (data === null) return null
  try {
    return JSON.parse(data)
  } catch {
    return data
  }
}
