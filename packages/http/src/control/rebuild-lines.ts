// Answers with the progress of a rebuild as JSON lines, and its result as the last one. If the caller goes away, the rebuild goes on.

import type { Clock } from 'tidings/ports'
import type { RebuildProgress, ServiceRuntime } from 'tidings/runtime'
import type { Answer, StreamBody, StreamSink } from '../endpoint/answer.ts'
import { problemOf } from '../endpoint/problem-of-error.ts'
import type { RebuildLine } from '../wire/control-answers.ts'

const lineIntervalMs = 100
const encoder = new TextEncoder()

/** Rebuilds a read model and streams its progress. Throws if the rebuild is refused before it begins. */
export async function rebuildLines(service: ServiceRuntime, readModel: string, clock: Clock): Promise<Answer> {
  const lines = new Lines()
  let latest: RebuildProgress | undefined
  let writtenAt = Number.NEGATIVE_INFINITY
  const begun = Promise.withResolvers<void>()
  const work = service.rebuild(readModel, (progress) => {
    latest = progress
    begun.resolve()
    const now = clock.monotonicMs()
    if (now - writtenAt < lineIntervalMs) return
    writtenAt = now
    lines.write({ progress })
  })
  await Promise.race([begun.promise, work])
  const writeEnd = (line: RebuildLine) => {
    if (latest !== undefined && 'done' in line) lines.write({ progress: latest })
    lines.write(line)
    lines.end()
  }
  work.then(
    () => writeEnd({ done: true }),
    (error: unknown) => writeEnd({ problem: problemOf(error, `The rebuild of ${readModel}`) }),
  )
  return { status: 200, headers: { 'content-type': 'application/x-ndjson' }, body: lines }
}

/** A body of JSON lines. If a line is written before there is a sink, it waits for one. */
class Lines implements StreamBody {
  #waiting: Uint8Array[] = []
  #sink: StreamSink | undefined
  #ended = false

  start(sink: StreamSink): void {
    this.#sink = sink
    for (const bytes of this.#waiting) sink.write(bytes)
    this.#waiting = []
    if (this.#ended) sink.end()
  }

  write(line: RebuildLine): void {
    const bytes = encoder.encode(`${JSON.stringify(line)}\n`)
    if (this.#sink === undefined) this.#waiting.push(bytes)
    // Progress can be dropped while the reader is slow: the latest is written again at the end.
    else if (!('progress' in line && this.#sink.isFull)) this.#sink.write(bytes)
  }

  end(): void {
    this.#ended = true
    this.#sink?.end()
  }

  cancel(): void {
    this.#waiting = []
  }
}
