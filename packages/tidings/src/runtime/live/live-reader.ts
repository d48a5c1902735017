// One reader of a live query: what it has been given and not taken yet, bounded.
// Invariant: a reader that does not take what it is given holds a bounded number of bytes, and slows nobody.

import type { LiveItem } from './live-item.ts'

/** What a reader reads, as the reader sees it. */
export interface LiveSupply {
  /** The reader needs a snapshot: it is given one as soon as there is one. */
  refresh(reader: LiveReader): void
  /** The reader is gone. */
  leave(reader: LiveReader): void
}

/** The items of a live query, one after the other, until the reader or the service ends. */
export class LiveReader implements AsyncIterableIterator<LiveItem> {
  readonly #supply: LiveSupply
  readonly #bytesMax: number
  #items: LiveItem[] = []
  #bytes = 0
  /** `missed`: something was dropped; `waiting`: a snapshot is on its way. Neither takes changes. */
  #state: 'waiting' | 'reading' | 'missed' | 'ended' = 'waiting'
  #error: unknown
  #wake: () => void = () => {}

  /** @param bytesMax - what may wait to be taken. */
  constructor(supply: LiveSupply, bytesMax: number) {
    this.#supply = supply
    this.#bytesMax = bytesMax
  }

  /** Whether it needs a snapshot that it has asked for. */
  get waiting(): boolean {
    return this.#state === 'waiting'
  }

  /** The bytes that wait to be taken. */
  get bytesWaiting(): number {
    return this.#bytes
  }

  /** Gives it all rows anew: whatever else was to come is contained in them. */
  begin(snapshot: LiveItem | undefined): void {
    this.#state = 'reading'
    this.#items = []
    this.#bytes = 0
    if (snapshot !== undefined) this.#keep(snapshot)
    this.#wake()
  }

  /** Gives it a change. */
  offer(item: LiveItem): void {
    if (this.#state !== 'reading') return
    if (this.#items.length > 0 && this.#bytes + item.bytes > this.#bytesMax) this.miss()
    else this.#keep(item)
    this.#wake()
  }

  /** What it has is no longer what there is: it gets a snapshot when it asks for more. */
  miss(): void {
    if (this.#state !== 'reading') return
    this.#state = 'missed'
    this.#items = []
    this.#bytes = 0
    this.#wake()
  }

  /** Ends it, with an error where there is one; what was dropped is not made up for. */
  end(error?: unknown): void {
    if (this.#state === 'ended') return
    this.#state = 'ended'
    this.#error = error
    this.#items = []
    this.#bytes = 0
    this.#supply.leave(this)
    this.#wake()
  }

  /** Resolves when it has begun; throws what keeps it from beginning. */
  async begun(): Promise<void> {
    while (this.#state === 'waiting') await this.#news()
    if (this.#error !== undefined) throw this.#error
  }

  /** The next item; done where the reader or the service has ended. Throws what keeps the rows from being read. */
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
      if (this.#state === 'missed') {
        this.#state = 'waiting'
        this.#supply.refresh(this)
      } else await this.#news()
    }
  }

  /** Leaves. */
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

  #news(): Promise<void> {
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
