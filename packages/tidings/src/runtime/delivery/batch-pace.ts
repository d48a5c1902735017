// How a subscription goes through its batches: whether it tries the fast path, and how many events it takes at a time.
// Invariant: both follow from how the last batches went, never from a clock.

/** The most batches without a waiting handler that it takes until the fast path is tried again. */
const calmBatchesMax = 256

/** The pace of one subscription. */
export class BatchPace {
  readonly #countMax: number
  readonly #countMin: number
  readonly #alwaysWaits: boolean
  #handlersWait: boolean
  #calmBatches = 0
  #calmBatchesNeeded = 4
  #batchCount: number

  /**
   * @param countMax - the most events of a batch.
   * @param inParallelMax - how many of them may begin at once: a batch never has fewer.
   * @param alwaysWaits - whether handlers are known to wait for something outside.
   */
  constructor(countMax: number, inParallelMax: number, alwaysWaits: boolean) {
    this.#countMax = countMax
    this.#countMin = Math.min(inParallelMax, countMax)
    this.#alwaysWaits = alwaysWaits
    this.#handlersWait = alwaysWaits
    this.#batchCount = countMax
  }

  /** Whether handlers wait for something outside: keys run in parallel from the start of a batch. */
  get handlersWait(): boolean {
    return this.#handlersWait
  }

  /** Notes that a handler has waited. */
  noteWaiting(): void {
    this.#calmBatches = 0
    if (this.#handlersWait) return
    this.#handlersWait = true
    // Each time that the fast path is given up costs what it has done so far.
    this.#calmBatchesNeeded = Math.min(2 * this.#calmBatchesNeeded, calmBatchesMax)
  }

  /** Notes that no handler of a batch has waited: after some such batches, the fast path is tried again. */
  noteCalm(): void {
    if (!this.#alwaysWaits && ++this.#calmBatches >= this.#calmBatchesNeeded) this.#handlersWait = false
  }

  /** How many events the next batch may have: fewer if handlers are so slow that the last ones did not begin in time. */
  get batchCount(): number {
    return this.#batchCount
  }

  /** Notes that all deliveries of a batch have ended in time. */
  noteInTime(count: number): void {
    if (count >= this.#batchCount) this.#batchCount = Math.min(2 * this.#batchCount, this.#countMax)
  }

  /** Notes that a batch was closed when so many of its deliveries had begun. */
  noteClosed(begun: number): void {
    this.#batchCount = Math.max(this.#countMin, begun)
  }
}
