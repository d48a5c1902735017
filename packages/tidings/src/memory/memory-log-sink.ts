// Keeps log lines in a list, for tests. Invariant: at most `lineCountMax` lines; the oldest are dropped first.

import type { LogLine, LogSink } from '../ports/index.ts'

/** A log sink and its lines. */
export interface MemoryLogSink {
  /** The sink, for `environment.log`. */
  readonly sink: LogSink
  /** The received lines, oldest first. */
  readonly lines: readonly LogLine[]
}

/**
 * Creates a log sink that keeps its lines.
 *
 * @param lineCountMax - the most lines to keep. Default: 10,000.
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
