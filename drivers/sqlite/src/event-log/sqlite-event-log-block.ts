// A block of an event log: which of its events have which key, type, id, conversation and cause. The newest block grows in memory, with each event that is logged;
// once it is full, it is written as a few rows (see sqlite-event-log-blocks.ts).
// Invariant: the bytes of `packKeys` are at rest, so they stay as they are. A search compares each event that it finds, so keys with the same hash
// do no harm.

import type { EventRecord } from 'tidings'
import { hashOfText } from 'tidings/ports'

/** How many events a block has. */
export const blockCount = 16_384

/** The keys of a block are in that many parts, by the first bits of their hash, so that a search reads a small part of each block. */
export const partCount = 8

const partShift = 29

/** The part of a block that has the keys of a hash. */
export const partOf = (hash: number): number => hash >>> partShift

/** What the index has of an event. */
export type IndexedEvent = Pick<EventRecord, 'key' | 'type' | 'id' | 'correlationId' | 'causationId'>

/** The events of a log that are in no written block yet. */
export class GrowingBlock {
  #count = 0
  #hashes = new Uint32Array(256)
  #types = new Uint32Array(256)
  /** The hashes of ids, conversations and causes. */
  #terms: readonly [Uint32Array, Uint32Array, Uint32Array] = [
    new Uint32Array(256),
    new Uint32Array(256),
    new Uint32Array(256),
  ]
  #numbers = new Map<string, number>()
  #lastType = ''
  #lastNumber = -1

  get count(): number {
    return this.#count
  }

  add({ key, type, id, correlationId, causationId }: IndexedEvent): void {
    if (this.#count === this.#hashes.length) this.#grow()
    if (type !== this.#lastType || this.#lastNumber === -1) this.#number(type)
    this.#hashes[this.#count] = hashOfText(key)
    this.#types[this.#count] = this.#lastNumber
    const [ids, conversations, causes] = this.#terms
    ids[this.#count] = hashOfText(id)
    const conversation = hashOfText(correlationId)
    conversations[this.#count] = conversation
    causes[this.#count] = causationId === correlationId ? conversation : hashOfText(causationId)
    this.#count += 1
  }

  /** Forgets the events after the first `count`. */
  cut(count: number): void {
    if (count < this.#count) this.#count = count
  }

  /** Forgets the first `blockCount` events: they were written. */
  shift(): void {
    this.#hashes.copyWithin(0, blockCount, this.#count)
    this.#types.copyWithin(0, blockCount, this.#count)
    for (const hashes of this.#terms) hashes.copyWithin(0, blockCount, this.#count)
    this.#count -= blockCount
  }

  /** The places of the events that may have the key and do have the type, newest first. `undefined` is any. */
  find(key: string | undefined, type: string | undefined): number[] {
    const number = type === undefined ? -1 : this.#numbers.get(type)
    if (number === undefined) return []
    const hash = key === undefined ? -1 : hashOfText(key)
    const found: number[] = []
    for (let place = this.#count - 1; place >= 0; place--) {
      if (hash !== -1 && this.#hashes[place] !== hash) continue
      if (number === -1 || this.#types[place] === number) found.push(place)
    }
    return found
  }

  /** The places of the events that may have an id, a conversation or a cause, newest first. */
  findTerm(hash: number): number[] {
    const [ids, conversations, causes] = this.#terms
    const found: number[] = []
    for (let place = this.#count - 1; place >= 0; place--)
      if (ids[place] === hash || conversations[place] === hash || causes[place] === hash) found.push(place)
    return found
  }

  /** The terms of the block, each with its event: hash × `blockCount` + place, in ascending order, each once. */
  packTerms(): Float64Array {
    const [ids, conversations, causes] = this.#terms
    const entries = new Float64Array(blockCount * 3)
    let count = 0
    for (let place = 0; place < blockCount; place++) {
      const [id = 0, conversation = 0, cause = 0] = [ids[place], conversations[place], causes[place]]
      entries[count++] = id * blockCount + place
      if (conversation !== id) entries[count++] = conversation * blockCount + place
      if (cause !== conversation && cause !== id) entries[count++] = cause * blockCount + place
    }
    return entries.subarray(0, count).sort()
  }

  /** The bytes of each part of the keys. */
  packKeys(): Uint8Array[] {
    const sorted = new Float64Array(blockCount)
    for (let place = 0; place < blockCount; place++) sorted[place] = (this.#hashes[place] ?? 0) * blockCount + place
    sorted.sort()
    const parts: Uint8Array[] = []
    let from = 0
    for (let part = 0; part < partCount; part++) {
      const end = (part + 1) * 2 ** partShift * blockCount
      let to = from
      while (to < blockCount && (sorted[to] as number) < end) to += 1
      parts.push(packEntries(sorted.subarray(from, to)))
      from = to
    }
    return parts
  }

  /** The bytes of the places of each type. */
  packTypes(): Map<string, Uint8Array> {
    const names = [...this.#numbers.keys()]
    const places: number[][] = names.map(() => [])
    for (let place = 0; place < blockCount; place++) places[this.#types[place] as number]?.push(place)
    const packed = new Map<string, Uint8Array>()
    for (const [number, name] of names.entries()) {
      const own = places[number] ?? []
      if (own.length > 0) packed.set(name, packPlaces(own))
    }
    return packed
  }

  #number(type: string): void {
    // Types come from declarations, so there are few, and their numbers stay from block to block.
    const number = this.#numbers.get(type) ?? this.#numbers.size
    this.#numbers.set(type, number)
    this.#lastType = type
    this.#lastNumber = number
  }

  #grow(): void {
    const [ids, conversations, causes] = this.#terms
    this.#hashes = twiceAsLong(this.#hashes)
    this.#types = twiceAsLong(this.#types)
    this.#terms = [twiceAsLong(ids), twiceAsLong(conversations), twiceAsLong(causes)]
  }
}

function twiceAsLong(numbers: Uint32Array): Uint32Array<ArrayBuffer> {
  const longer = new Uint32Array(numbers.length * 2)
  longer.set(numbers)
  return longer
}

// The hashes in ascending order, four bytes each, then their places, two bytes each. Every machine writes the lower byte first.
function packEntries(sorted: Float64Array): Uint8Array {
  const { length } = sorted
  const bytes = new Uint8Array(length * 6)
  const view = new DataView(bytes.buffer)
  for (let index = 0; index < length; index++) {
    const entry = sorted[index] as number
    view.setUint32(index * 4, Math.floor(entry / blockCount), true)
    view.setUint16(length * 4 + index * 2, entry % blockCount, true)
  }
  return bytes
}

function packPlaces(places: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(places.length * 2)
  const view = new DataView(bytes.buffer)
  for (const [index, place] of places.entries()) view.setUint16(index * 2, place, true)
  return bytes
}

/**
 * The places of the events with a hash, newest first: from all hashes in their order, of 4 bytes each, and then their places.
 *
 * @param placeBytes - how many bytes a place has.
 */
export function placesOfHash(bytes: Uint8Array, hash: number, placeBytes: 2 | 4): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const length = bytes.byteLength / (4 + placeBytes)
  let [low, high] = [0, length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (view.getUint32(middle * 4, true) < hash) low = middle + 1
    else high = middle
  }
  const found: number[] = []
  for (let index = low; index < length && view.getUint32(index * 4, true) === hash; index++) {
    const at = length * 4 + index * placeBytes
    found.push(placeBytes === 2 ? view.getUint16(at, true) : view.getUint32(at, true))
  }
  return found.reverse()
}

/** The places of a type, newest first, from its bytes. */
export function placesOfType(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const found: number[] = []
  for (let index = bytes.byteLength - 2; index >= 0; index -= 2) found.push(view.getUint16(index, true))
  return found
}
