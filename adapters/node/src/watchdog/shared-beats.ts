// The memory that the main thread and its watchdog thread share. The main thread writes with plain atomic stores, so a beat costs nanoseconds.

/** The main thread's side and the watchdog's side of the shared memory. */
export class SharedBeats {
  readonly memory: SharedArrayBuffer
  readonly #cells: Int32Array

  constructor(memory = new SharedArrayBuffer(3 * Int32Array.BYTES_PER_ELEMENT)) {
    this.memory = memory
    this.#cells = new Int32Array(memory)
  }

  /** How often the main thread has come round its event loop to say so; starts again after 2^32. */
  get beats(): number {
    return Atomics.load(this.#cells, 0)
  }

  /** Says that the main thread is not blocked. */
  beat(): void {
    Atomics.add(this.#cells, 0, 1)
  }

  /** Whether work is in progress that may block the main thread for long. */
  get isLongWork(): boolean {
    return Atomics.load(this.#cells, 1) > 0
  }

  beginLongWork(): void {
    Atomics.add(this.#cells, 1, 1)
  }

  endLongWork(): void {
    Atomics.sub(this.#cells, 1, 1)
  }

  /** Whether a debugger could be attached at the last beat. */
  get isDebugged(): boolean {
    return Atomics.load(this.#cells, 2) === 1
  }

  set isDebugged(is: boolean) {
    Atomics.store(this.#cells, 2, is ? 1 : 0)
  }
}
