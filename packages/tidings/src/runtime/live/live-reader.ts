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

/** Where the items of a reader go. */
export interface LiveTarget {
  /** Takes an item; `false` asks to wait for `drained` before it is given more. */
  take(item: LiveItem): boolean
  /** Resolves when it can be given more, or needs no more. */
  drained(): Promise<void>
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
  /** Takes the changes at once; `undefined` while items wait, or if they are taken with `next`. */
  #target: LiveTarget | undefined
  /** Whether the target has asked to wait. */
  #isFull = false
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
    if (this.#target !== undefined) {
      this.#give(this.#target, item)
      return
    }
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
      const item = this.#shift()
      if (item !== undefined) return { done: false, value: item }
      if (this.#hasEnded()) return { done: true, value: undefined }
      if (!this.#askedAgain()) await this.#woken()
    }
  }

  /**
   * Gives the items to a target instead, until the reader or the service ends. While the target keeps up, it takes a change in the turn in which its
   * commit is passed on; for a thousand readers, a promise for each would take longer than the change itself. Throws what `next` throws.
   */
  async giveTo(target: LiveTarget): Promise<void> {
    try {
      while (!this.#hasEnded()) {
        for (let item = this.#shift(); item !== undefined; item = this.#shift())
          if (!target.take(item)) await target.drained()
        if (!this.#askedAgain()) await this.#giveAtOnce(target)
      }
    } finally {
      this.end()
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

  // Until the target is full, changes were dropped, or the reader has ended.
  async #giveAtOnce(target: LiveTarget): Promise<void> {
    if (this.#state === 'reading') this.#target = target
    await this.#woken()
    this.#target = undefined
    if (!this.#isFull) return
    this.#isFull = false
    await target.drained()
  }

  #give(target: LiveTarget, item: LiveItem): void {
    try {
      if (target.take(item)) return
      this.#target = undefined
      this.#isFull = true
      this.#wake()
    } catch (error) {
      this.end(error)
    }
  }

  #shift(): LiveItem | undefined {
    const item = this.#items.shift()
    if (item !== undefined) this.#bytes -= item.bytes
    return item
  }

  // Throws the error that has ended it, once.
  #hasEnded(): boolean {
    if (this.#state !== 'ended') return false
    const error = this.#error
    this.#error = undefined
    if (error !== undefined) throw error
    return true
  }

  // Asks for a snapshot if changes were dropped.
  #askedAgain(): boolean {
    if (this.#state !== 'stale') return false
    this.#state = 'waiting'
    this.#source.refresh(this)
    return true
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
