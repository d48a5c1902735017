// Loads a stream's state from its facts: the newest snapshot of the right shape, then every fact after it, upcast.

import { readVersion } from '../../contracts/index.ts'
import { TidingsError } from '../../errors/index.ts'
import type { Awaitable, Store, StoredFact } from '../../ports/index.ts'
import type { Decider, FactMeta, PastState, ReadFact } from '../../services/index.ts'
import { readSnapshot } from './snapshots.ts'

/** A stream's state and its version. */
export interface LoadedStream {
  readonly state: unknown
  readonly version: number
  /** The version of the snapshot it was loaded from; 0 if there was none. */
  readonly snapshotVersion: number
}

const pageCount = 1_000

/** Loads a stream's current state; without a promise if the store answers without one and there is no snapshot. */
export function loadStream(store: Store, decider: Decider, stream: string): Awaitable<LoadedStream> {
  if (decider.snapshot !== undefined) return loadFromSnapshot(store, decider, stream)
  return foldAfter(store, decider, stream, { state: decider.initialState(), version: 0, snapshotVersion: 0 })
}

async function loadFromSnapshot(store: Store, decider: Decider, stream: string): Promise<LoadedStream> {
  const snapshot = await readSnapshot(store, decider, stream)
  const version = snapshot?.streamVersion ?? 0
  const state = snapshot === undefined ? decider.initialState() : snapshot.state
  return foldAfter(store, decider, stream, { state, version, snapshotVersion: version })
}

function foldAfter(store: Store, decider: Decider, stream: string, from: LoadedStream): Awaitable<LoadedStream> {
  let loaded = from
  for (;;) {
    const answer = store.readStream(decider.name, stream, loaded.version, pageCount)
    if (answer instanceof Promise) return foldPages(store, decider, stream, loaded, answer)
    loaded = foldPage(decider, loaded, answer)
    if (answer.length < pageCount) return loaded
  }
}

async function foldPages(
  store: Store,
  decider: Decider,
  stream: string,
  from: LoadedStream,
  answer: Promise<readonly StoredFact[]>,
): Promise<LoadedStream> {
  const facts = await answer
  const loaded = foldPage(decider, from, facts)
  return facts.length < pageCount ? loaded : foldAfter(store, decider, stream, loaded)
}

function foldPage(decider: Decider, { state, version, snapshotVersion }: LoadedStream, facts: readonly StoredFact[]) {
  let next = state
  for (const fact of facts) next = evolve(decider, next, fact)
  return { state: next, version: facts.at(-1)?.streamVersion ?? version, snapshotVersion }
}

/** Loads a past state of a stream: after a version, or with the facts that had occurred by a time. */
export async function loadPastState(
  store: Store,
  decider: Decider,
  stream: string,
  past: PastState,
): Promise<LoadedStream> {
  let state: unknown = decider.initialState()
  let version = 0
  const lastVersion = past.version ?? Number.MAX_SAFE_INTEGER
  const lastTime = past.at?.getTime() ?? Number.POSITIVE_INFINITY
  for (let after = 0; ; ) {
    const facts = await store.readStream(decider.name, stream, after, pageCount)
    for (const fact of facts) {
      after = fact.streamVersion
      if (fact.streamVersion > lastVersion) return { state, version, snapshotVersion: 0 }
      if (fact.occurredAt > lastTime) continue
      state = evolve(decider, state, fact)
      version = fact.streamVersion
    }
    if (facts.length < pageCount) return { state, version, snapshotVersion: 0 }
  }
}

/** Reads facts as user code sees them. */
export async function readFactsOfStream(
  store: Store,
  decider: Decider,
  stream: string,
  afterVersion: number,
  limit: number,
): Promise<ReadFact[]> {
  const facts = await store.readStream(decider.name, stream, afterVersion, limit)
  return facts.map((fact) => ({ type: fact.type, data: readFactData(decider, fact), meta: factMeta(fact) }))
}

/** The state after one stored fact. */
export function evolve(decider: Decider, state: unknown, fact: StoredFact): unknown {
  const step = decider.evolve[fact.type]
  if (step === undefined) throw unknownFact(decider, fact)
  // A store may have to read the metadata of a fact, and most steps take only its data.
  const meta = step.length > 2 ? factMeta(fact) : new LazyFactMeta(fact)
  return step(state as never, readFactData(decider, fact) as never, meta)
}

/** A fact's data as the newest version this code knows. */
export function readFactData(decider: Decider, fact: StoredFact): unknown {
  const definition = decider.facts[fact.type]
  if (definition === undefined) throw unknownFact(decider, fact)
  const data: unknown = JSON.parse(fact.data)
  if (fact.version === definition.chain.latest.version) return data
  return readVersion(definition.chain, { version: fact.version, readableFrom: fact.version, data })
}

/** The metadata of a fact. */
export function factMeta(fact: StoredFact): FactMeta {
  return {
    type: fact.type,
    stream: fact.stream,
    streamVersion: fact.streamVersion,
    occurredAt: new Date(fact.occurredAt),
    recordedAt: new Date(fact.recordedAt),
    correlationId: fact.correlationId,
    causationId: fact.causationId,
    principal: fact.principal,
    tenant: fact.tenant,
  }
}

// For a step that may take metadata although it names none, such as one with rest parameters.
class LazyFactMeta implements FactMeta {
  readonly #fact: StoredFact

  constructor(fact: StoredFact) {
    this.#fact = fact
  }

  get type() {
    return this.#fact.type
  }
  get stream() {
    return this.#fact.stream
  }
  get streamVersion() {
    return this.#fact.streamVersion
  }
  get occurredAt() {
    return new Date(this.#fact.occurredAt)
  }
  get recordedAt() {
    return new Date(this.#fact.recordedAt)
  }
  get correlationId() {
    return this.#fact.correlationId
  }
  get causationId() {
    return this.#fact.causationId
  }
  get principal() {
    return this.#fact.principal
  }
  get tenant() {
    return this.#fact.tenant
  }
  toJSON(): FactMeta {
    return factMeta(this.#fact)
  }
}

function unknownFact(decider: Decider, fact: StoredFact): TidingsError {
  return new TidingsError(
    'UNKNOWN_FACT',
    `Stream ${decider.name}/${fact.stream} holds a fact ${fact.type} that decider ${decider.name} does not know.`,
    { details: { decider: decider.name, fact: fact.type, version: fact.version } },
  )
}
