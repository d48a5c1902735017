// Counts the open live streams of each caller's address, so that one caller cannot take the places of all.

import { addressKey } from '../endpoint/client-address.ts'
import { HttpError } from '../endpoint/problem-of-error.ts'

/** The places for live streams. */
export class StreamPlaces {
  readonly #countMax: number
  readonly #counts = new Map<string, number>()

  /** @param countMax - the most streams of one address. */
  constructor(countMax: number) {
    this.#countMax = countMax
  }

  /** Takes a place; returns what gives it back. Throws an `HttpError` if the address has no place left. */
  take(address: string | undefined): () => void {
    if (address === undefined) return () => {}
    const key = addressKey(address)
    const count = this.#counts.get(key) ?? 0
    if (count >= this.#countMax)
      throw new HttpError('too-many-streams', `Your address reads ${this.#countMax} live streams already.`)
    this.#counts.set(key, count + 1)
    let isTaken = true
    return () => {
      if (!isTaken) return
      isTaken = false
      const left = (this.#counts.get(key) ?? 1) - 1
      if (left === 0) this.#counts.delete(key)
      else this.#counts.set(key, left)
    }
  }
}
