// Whatever the program itself prints, such as with `console.log`, is bounded as the log is.
// Invariant: nothing that is written to stdout or stderr blocks the main thread, ends the process or fills its memory.

import { type Chunk, outputOf } from './bounded-output.ts'

/**
 * From now on, this process does not depend on readers of its output. What `console.log` and others write to stdout and stderr waits for its reader, up to 1 MiB
 * for each; what comes then is dropped, and the log says how many lines. A reader that has gone, such as a `head`, and a disk that is full do not end
 * the process. `tidings start`, `tidings dev` and the processes of `startProcesses` do this; the log of every system does it for its own lines.
 */
export function keepOutputFlowing(): void {
  for (const name of ['stdout', 'stderr'] as const) {
    const stream = process[name]
    const output = outputOf(name)
    type Written = (error?: Error | null) => void
    const write = (chunk: Chunk, encoding?: BufferEncoding | Written, written?: Written) =>
      typeof encoding === 'function' ? output.write(chunk, undefined, encoding) : output.write(chunk, encoding, written)
    stream.write = write as typeof stream.write
    // Node waits for a terminal, which Ctrl-S stops. Pipes and sockets it does not wait for.
    if (stream.isTTY) (stream as Partial<HasHandle>)._handle?.setBlocking?.(false)
  }
}

interface HasHandle {
  readonly _handle: { setBlocking?(isBlocking: boolean): void }
}
