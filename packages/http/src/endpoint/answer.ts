// Answers as plain values. A host with a response object of its own writes them directly; `toResponse` turns one into a web `Response`.
// Making a `Response` and reading it back can cost as much as the command itself, so only hosts that need a `Response` make one.

import type { Problem } from '../wire/problem.ts'

/** The target of a stream: a connection, or what the host has instead. */
export interface StreamSink {
  /** Whether the reader is behind, so that writing should wait for `drained`. */
  readonly isFull: boolean
  /**
   * Writes bytes, which must not change from then on; `false` asks you to wait for `drained` before you write more. Bytes after the end are dropped.
   * If many readers get the same bytes, write the same array for each: a host may prepare it once.
   */
  write(bytes: Uint8Array): boolean
  /** Resolves when more may be written, or when the reader has gone away. */
  drained(): Promise<void>
  /** Ends the stream after the bytes written so far. */
  end(): void
  /** Breaks the stream off. */
  destroy(): void
}

/** A body that is written over time. A host calls `start` once, or `cancel`, or both in this order. */
export interface StreamBody {
  /** Starts to write; goes on until the body ends or is cancelled. */
  start(sink: StreamSink): void
  /** Stops writing, because the caller has gone away, and releases the source. Safe to call twice. */
  cancel(): void
}

/** An answer to a request. */
export interface Answer {
  readonly status: number
  /** Names are in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null | StreamBody
}

/** An answer with text of the given media type. */
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

/** An answer with a problem; a 503 and a 429 say when to try again. */
export function answerProblem(problem: Problem, headers: Readonly<Record<string, string>> = {}): Answer {
  return answerText(problem.status, 'application/problem+json', JSON.stringify(problem), {
    ...(problem.status === 503 || problem.status === 429 ? { 'retry-after': '1' } : {}),
    ...(problem.status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
    ...headers,
  })
}
