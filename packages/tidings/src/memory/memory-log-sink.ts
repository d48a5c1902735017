// Log lines kept in a list, for tests to look at. Invariant: never more than `lineCountMax`; the oldest go first.

import type { LogLine, LogSink } from '../ports/index.ts'

/** A log sink and what it took. */
export interface MemoryLogSink {
  /** The sink to pass to a host. */
  readonly sink: LogSink
  /** The lines taken, oldest first. */
  readonly lines: readonly LogLine[]
}

/**
 * Creates a log sink that keeps its lines.
 *
 * @param lineCountMax - the most lines kept. Default: 10,000.
 */
export function createMemoryLogSink(lineCountMax = 10_000): MemoryLogSink {
  const lines: LogLine[] = []
  return {
    lines,
    sink: (line) => {
      lines.push(line)
      if (lines.length > lineCountMax) lines.shift()
    },
  }
}
