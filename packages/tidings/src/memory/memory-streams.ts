// The facts of an in-memory store: the history of all facts, and a list for each stream.
// Invariant: the versions of a stream are 1, 2, 3, …, because a version is an index in the stream's list.

import {
  type Append,
  type FactsPage,
  type FactsRequest,
  formatPosition,
  type Position,
  type StoredFact,
} from '../ports/index.ts'
import { headOf, readHistory } from './memory-positions.ts'

/** The streams of a store. */
export class MemoryStreams {
  readonly #history: StoredFact[] = []
  /** By category, then by stream. One map with joined names could have the same key for two streams. */
  readonly #streams = new Map<string, Map<string, StoredFact[]>>()

  get head(): Position {
    return headOf(this.#history)
  }

  version(category: string, stream: string): number {
    return this.#facts(category, stream).length
  }

  /** Appends facts; the caller has checked the expected version. */
  append({ category, stream, facts }: Append): void {
    for (const fact of facts) {
      const streamVersion = this.version(category, stream) + 1
      const position = formatPosition(this.#history.length + 1)
      this.#keep(Object.freeze({ ...fact, category, stream, streamVersion, position }))
    }
  }

  readStream(category: string, stream: string, afterVersion: number, limit: number): StoredFact[] {
    return this.#facts(category, stream).slice(afterVersion, afterVersion + limit)
  }

  readFacts({ after, limit, categories }: FactsRequest): FactsPage {
    const matches = ({ category }: StoredFact) => categories === undefined || categories.includes(category)
    const { items, next, head } = readHistory(this.#history, after, limit, matches)
    return { facts: items, next, head }
  }

  /** Gives all streams of a category another one. */
  renameCategory(was: string, category: string): void {
    const facts = this.#history.map((fact) => (fact.category === was ? Object.freeze({ ...fact, category }) : fact))
    this.#history.length = 0
    this.#streams.clear()
    for (const fact of facts) this.#keep(fact)
  }

  /** A copy that shares no mutable data. */
  copy(): MemoryStreams {
    const copy = new MemoryStreams()
    for (const fact of this.#history) copy.#keep(fact)
    return copy
  }

  #facts(category: string, stream: string): readonly StoredFact[] {
    return this.#streams.get(category)?.get(stream) ?? []
  }

  #keep(fact: StoredFact): void {
    this.#history.push(fact)
    const ofCategory = this.#streams.get(fact.category) ?? new Map<string, StoredFact[]>()
    this.#streams.set(fact.category, ofCategory)
    const ofStream = ofCategory.get(fact.stream)
    if (ofStream === undefined) ofCategory.set(fact.stream, [fact])
    else ofStream.push(fact)
  }
}
