// Standard output and error, for which the process never waits: what is not read yet is kept up to a limit, and dropped beyond it. A reader that is
// stopped, slow or gone, and a full disk under a file, hold nothing up and end nothing. Invariant: what is written keeps its order, and what was
// dropped is counted, and reported before anything later is written.

import { fstatSync, writeSync } from 'node:fs'

/** The most bytes of one output that wait for its reader. What comes then is dropped, until half of them were read. */
const unreadBytesMax = 1_048_576

/** What was dropped in one go. */
export interface DroppedOutput {
  readonly output: 'stdout' | 'stderr'
  readonly lines: number
  readonly bytes: number
  readonly reason: string
}

/** What a `write` of a stream takes. */
export type Chunk = string | Uint8Array

type Write = (chunk: Chunk, encoding?: BufferEncoding, written?: (error?: Error | null) => void) => boolean

/** One of the two outputs of a process. */
export class BoundedOutput {
  readonly #stream: NodeJS.WriteStream
  readonly #name: DroppedOutput['output']
  readonly #toStream: Write
  readonly #descriptor: number
  readonly #isFile: boolean
  #dropped: { lines: number; bytes: number; reason: string } | undefined

  constructor(stream: NodeJS.WriteStream, name: DroppedOutput['output']) {
    this.#stream = stream
    this.#name = name
    this.#toStream = stream.write.bind(stream) as Write
    this.#descriptor = name === 'stdout' ? 1 : 2
    this.#isFile = isFile(this.#descriptor)
    // Without a listener, a reader that has gone would end the process.
    stream.on('error', () => {})
    stream.on('drain', () => this.#noteDropped())
  }

  /** Whether the next write is dropped. */
  get isFull(): boolean {
    if (this.#isFile) return false
    return this.#stream.writableLength >= (this.#dropped === undefined ? unreadBytesMax : unreadBytesMax / 2)
  }

  /** Writes, or drops and counts. Returns whether more may be written at once, as `write` of a stream does. */
  write(chunk: Chunk, encoding?: BufferEncoding, written?: (error?: Error | null) => void): boolean {
    if (this.#isFile) return this.#writeFile(chunk, encoding, written)
    if (this.isFull) {
      this.#drop(chunk, 'nobody read them')
      if (written !== undefined) process.nextTick(written)
      return false
    }
    this.#noteDropped()
    return this.#toStream(chunk, encoding, written)
  }

  // A stream on a file would be of no use after its first failure, such as a full disk.
  #writeFile(chunk: Chunk, encoding: BufferEncoding = 'utf8', written?: (error?: Error | null) => void): boolean {
    try {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk
      for (let done = 0; done < bytes.length; ) done += writeSync(this.#descriptor, bytes, done)
      this.#noteDropped()
    } catch (error) {
      this.#drop(chunk, error instanceof Error ? error.message : String(error))
    }
    if (written !== undefined) process.nextTick(written)
    return true
  }

  #drop(chunk: Chunk, reason: string): void {
    const { lines = 0, bytes = 0 } = this.#dropped ?? {}
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString()
    this.#dropped = { lines: lines + linesIn(text), bytes: bytes + Buffer.byteLength(chunk), reason }
  }

  #noteDropped(): void {
    if (this.#dropped !== undefined) reports.push({ output: this.#name, ...this.#dropped })
    this.#dropped = undefined
    if (reports.length > 0) reportAll()
  }
}

// An output is looked at only when it is used: that makes Node stop waiting for it, for everybody who writes to it.
let standardOutput: BoundedOutput | undefined
let standardError: BoundedOutput | undefined
/** What was dropped and not reported yet. */
const reports: DroppedOutput[] = []
let report: (dropped: DroppedOutput) => void = () => {}

// Reports go to standard error, and must not be dropped themselves.
function reportAll(): void {
  if (standardError?.isFull === true) return
  for (const dropped of reports.splice(0)) report(dropped)
}

/** Sets who hears of what was dropped, once there is room again. */
export function reportDropped(to: (dropped: DroppedOutput) => void): void {
  report = to
}

/** The standard output or error of this process. */
export function outputOf(name: 'stdout' | 'stderr'): BoundedOutput {
  if (name === 'stdout') {
    standardOutput ??= new BoundedOutput(process.stdout, name)
    return standardOutput
  }
  standardError ??= new BoundedOutput(process.stderr, name)
  return standardError
}

function linesIn(text: string): number {
  const breaks = text.split('\n').length - 1
  return text.endsWith('\n') ? breaks : breaks + 1
}

function isFile(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isFile()
  } catch {
    // It is closed.
    return false
  }
}
