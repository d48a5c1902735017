// Answers as plain values. A host with a response of its own writes them as they are; `toResponse` makes a web `Response` of one.
// Making a `Response` and reading it back can cost as much as the command it answers, so a host that need not does not.

import type { Problem } from '../wire/problem.ts'

/** Where a stream is written to: a connection, or what a host has in its place. */
export interface StreamSink {
  /** Whether what was written last has not been taken yet. */
  readonly isFull: boolean
  /** Writes bytes; false asks to wait for `drained` before the next. What is written after the end is dropped. */
  write(bytes: Uint8Array): boolean
  /** Resolves when more may be written, or nobody takes it any more. */
  drained(): Promise<void>
  /** Ends the stream after what was written. */
  end(): void
  /** Breaks the stream off. */
  destroy(): void
}

/** A body that comes over time. A host calls `start` once, or `cancel`, or both in this order. */
export interface StreamBody {
  /** Begins to write; goes on until the body ends, or is cancelled. */
  start(sink: StreamSink): void
  /** The caller has gone away: nothing is written any more, and what fed the stream is let go. Calling it twice is no error. */
  cancel(): void
}

/** An answer to a request. */
export interface Answer {
  readonly status: number
  /** Names are in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null | StreamBody
}

/** An answer with text of a media type. */
export function answerText(
  status: number,
  type: string,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return { status, headers: { 'content-type': type, ...headers }, body: text }
}

/** An answer with JSON. */
export function answerJson(value: unknown, status = 200): Answer {
  return answerText(status, 'application/json', JSON.stringify(value))
}

/** An answer with a problem; one that passes says when to come back. */
export function answerProblem(problem: Problem, headers: Readonly<Record<string, string>> = {}): Answer {
  return answerText(problem.status, 'application/problem+json', JSON.stringify(problem), {
    ...(problem.status === 503 ? { 'retry-after': '1' } : {}),
    ...(problem.status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
    ...headers,
  })
}
