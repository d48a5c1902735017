// One reader of a live query, and its buffer of items that were not taken yet.
// Invariant: a reader that does not take its items holds a bounded number of bytes, and slows nobody down.

import type { LiveItem } from './live-item.ts'

/** What gives a reader its items. */
export interface LiveSource {
  /** Gives the reader a snapshot, as soon as there is one. */
  refresh(reader: LiveReader): void
  /** Removes the reader. */
  leave(reader: LiveReader): void
}

/** The items of a live query, one after the other, until the reader or the service ends. */
export class LiveReader implements AsyncIterableIterator<LiveItem> {
  readonly #source: LiveSource
  readonly #bytesMax: number
  #items: LiveItem[] = []
  #bytes = 0
  /** `stale`: changes were dropped; `waiting`: a snapshot is on its way. Neither takes changes. */
  #state: 'waiting' | 'reading' | 'stale' | 'ended' = 'waiting'
  #error: unknown
  #wake: () => void = () => {}

  /** @param bytesMax - the most bytes that may wait to be taken. */
  constructor(source: LiveSource, bytesMax: number) {
    this.#source = source
    this.#bytesMax = bytesMax
  }

  /** Whether it waits for a snapshot. */
  get waiting(): boolean {
    return this.#state === 'waiting'
  }

  /** The bytes that wait to be taken. */
  get bytesWaiting(): number {
    return this.#bytes
  }

  /** Starts or restarts it; a snapshot replaces all items that wait to be taken. */
  start(snapshot: LiveItem | undefined): void {
    this.#state = 'reading'
    this.#items = []
    this.#bytes = 0
    if (snapshot !== undefined) this.#keep(snapshot)
    this.#wake()
  }

  /** Gives it a change. */
  offer(item: LiveItem): void {
    if (this.#state !== 'reading') return
    if (this.#items.length > 0 && this.#bytes + item.bytes > this.#bytesMax) this.invalidate()
    else this.#keep(item)
    this.#wake()
  }

  /** Drops its items; it gets a snapshot when it asks for more. */
  invalidate(): void {
    if (this.#state !== 'reading') return
    this.#state = 'stale'
    this.#items = []
    this.#bytes = 0
    this.#wake()
  }

  /** Ends it, with an error if there is one, and drops its items. */
  end(error?: unknown): void {
    if (this.#state === 'ended') return
    this.#state = 'ended'
    this.#error = error
    this.#items = []
    this.#bytes = 0
    this.#source.leave(this)
    this.#wake()
  }

  /** Resolves when it has started; throws the error that prevents this. */
  async started(): Promise<void> {
    while (this.#state === 'waiting') await this.#woken()
    if (this.#error !== undefined) throw this.#error
  }

  /** The next item; done if the reader or the service has ended. Throws the error that prevents the rows from being read. */
  async next(): Promise<IteratorResult<LiveItem, undefined>> {
    for (;;) {
      const item = this.#items.shift()
      if (item !== undefined) {
        this.#bytes -= item.bytes
        return { done: false, value: item }
      }
      if (this.#state === 'ended') {
        const error = this.#error
        this.#error = undefined
        if (error !== undefined) throw error
        return { done: true, value: undefined }
      }
      if (this.#state === 'stale') {
        this.#state = 'waiting'
        this.#source.refresh(this)
      } else await this.#woken()
    }
  }

  /** Ends reading. */
  close(): void {
    this.end()
  }

  async return(): Promise<IteratorResult<LiveItem, undefined>> {
    this.end()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #keep(item: LiveItem): void {
    this.#items.push(item)
    this.#bytes += item.bytes
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => {
      const before = this.#wake
      this.#wake = () => {
        this.#wake = () => {}
        before()
        resolve()
      }
    })
  }
}
