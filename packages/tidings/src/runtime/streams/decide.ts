// Runs a decider's command within a unit of work: load, decide, evolve, announce, and save a snapshot now and then.

import {
  isRejection,
  isSameContract,
  type PayloadLimits,
  reject,
  rejectionOrThrow,
  toJson,
  validate,
} from '../../contracts/index.ts'
import { TidingsError } from '../../errors/index.ts'
import type { Environment } from '../../ports/environment.ts'
import type { Awaitable, NewFact, StoredFact } from '../../ports/index.ts'
import {
  type Announcement,
  type Decider,
  type DeciderDeclaration,
  decidedAnswer,
  factsIn,
  type ImportedFact,
  isDecidedAnswer,
  type Log,
} from '../../services/index.ts'
import { makeEvent } from '../unit-of-work/make-event.ts'
import { callerOfOrigin, type Origin } from '../unit-of-work/origin.ts'
import type { PendingStream, UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import { copyState } from './copy-state.ts'
import { evolve, factMeta, type LoadedStream, loadStream, readFactData } from './load-stream.ts'
import { saveSnapshot } from './snapshots.ts'
import type { StreamCache } from './stream-cache.ts'

/** Runs for each fact when it is appended: the inline projections. */
export type OnFact = (declaration: DeciderDeclaration, fact: StoredFact) => Promise<void>

/** What deciding needs of its service. */
export interface DecideEnvironment {
  readonly environment: Environment
  readonly limits: PayloadLimits
  readonly onFact: OnFact | undefined
  readonly streams: StreamCache
  readonly log: Log
}

/** Decides a command on its stream; returns the decider's answer, its rejection, or `undefined`. */
export async function decide(
  unit: UnitOfWork,
  declaration: DeciderDeclaration,
  commandName: string,
  command: unknown,
  stream: string,
  origin: Origin,
  environment: DecideEnvironment,
): Promise<unknown> {
  const { decider } = declaration
  const loaded = await streamOf(unit, declaration, stream, environment.streams)
  const caller = callerOfOrigin(origin)
  const tools = {
    facts: decider.make,
    answer: decidedAnswer,
    newId: () => environment.environment.ids.next(),
    reject,
    occurredAt: new Date(origin.occurredAt),
    principal: caller,
  }
  let decision: unknown
  try {
    decision = decider.decide[commandName]?.(command as never, copyState(loaded.state) as never, tools as never)
  } catch (thrown) {
    decision = rejectionOrThrow(thrown)
  }
  if (isRejection(decision)) return decision
  await appendFacts(unit, declaration, stream, factsIn(decision), origin, environment)
  return isDecidedAnswer(decision) ? decision.output : undefined
}

/** Appends facts to a stream within a unit of work. Returns a promise only if it waits for a read or an inline projection. */
export function appendFacts(
  unit: UnitOfWork,
  declaration: DeciderDeclaration,
  stream: string,
  facts: readonly ImportedFact[],
  origin: Origin,
  environment: DecideEnvironment,
): Awaitable<void> {
  if (facts.length === 0) return
  const loaded = streamOf(unit, declaration, stream, environment.streams)
  const append = (loaded: PendingStream): Awaitable<void> => {
    const appending = new Appending(unit, declaration, loaded, origin, environment)
    return environment.onFact === undefined ? appending.addAll(facts) : appending.addObserved(facts, environment.onFact)
  }
  return loaded instanceof Promise ? loaded.then(append) : append(loaded)
}

/** Facts that are being appended to a stream. */
class Appending {
  readonly #unit: UnitOfWork
  readonly #declaration: DeciderDeclaration
  readonly #loaded: PendingStream
  readonly #origin: Origin
  readonly #environment: DecideEnvironment
  readonly #facts: NewFact[]
  #state: unknown
  #version: number

  constructor(
    unit: UnitOfWork,
    declaration: DeciderDeclaration,
    loaded: PendingStream,
    origin: Origin,
    environment: DecideEnvironment,
  ) {
    this.#unit = unit
    this.#declaration = declaration
    this.#loaded = loaded
    this.#origin = origin
    this.#environment = environment
    this.#facts = [...loaded.facts]
    // A copy, because `evolve` may change what it is given, and then fail.
    this.#state = copyState(loaded.state)
    this.#version = loaded.version
  }

  addAll(facts: readonly ImportedFact[]): void {
    for (const decided of facts) this.#add(decided)
    this.#save()
  }

  async addObserved(facts: readonly ImportedFact[], onFact: OnFact): Promise<void> {
    for (const decided of facts) await onFact(this.#declaration, this.#add(decided))
    this.#save()
  }

  #add(decided: ImportedFact): StoredFact {
    const { decider } = this.#declaration
    const fact = newFact(this.#declaration, decided, this.#origin, this.#environment)
    this.#facts.push(fact)
    this.#version++
    const place = { category: decider.name, stream: this.#loaded.stream, streamVersion: this.#version, position: '' }
    const stored: StoredFact = { ...fact, ...place }
    this.#state = evolve(decider, this.#state, stored)
    announce(this.#unit, this.#declaration, stored, this.#state, this.#origin, this.#environment)
    return stored
  }

  #save(): void {
    const { decider } = this.#declaration
    const { limits, log, streams } = this.#environment
    const { stream } = this.#loaded
    let { snapshotVersion } = this.#loaded
    if (decider.snapshot !== undefined && this.#version - snapshotVersion >= decider.snapshot.every) {
      saveSnapshot(this.#unit, decider, { stream, version: this.#version, state: this.#state }, limits, {
        log,
        isFirst: (name) => streams.skipsSnapshotsOf(name),
      })
      // Even if it could not be written, the next is due only after as many facts again.
      snapshotVersion = this.#version
    }
    const { category, storedVersion } = this.#loaded
    const facts = this.#facts
    this.#unit.setStream({
      category,
      stream,
      storedVersion,
      version: this.#version,
      state: this.#state,
      snapshotVersion,
      facts,
    })
  }
}

/** A stream as the unit sees it; loaded if the unit does not have it yet, without a promise if the store answers without one. */
export function streamOf(
  unit: UnitOfWork,
  { decider }: DeciderDeclaration,
  stream: string,
  cache: StreamCache,
): Awaitable<PendingStream> {
  const known = unit.stream(decider.name, stream)
  if (known !== undefined) return noteRead(unit, known)
  const loaded = cache.get(decider.name, stream) ?? loadStream(unit.store, decider, stream)
  return loaded instanceof Promise
    ? loaded.then((late) => noteRead(unit, fromStore(decider, stream, late)))
    : noteRead(unit, fromStore(decider, stream, loaded))
}

// Recorded at once: a decision is appended to exactly the version it was made on, or there is a conflict.
function noteRead(unit: UnitOfWork, pending: PendingStream): PendingStream {
  unit.setStream(pending)
  return pending
}

/** A stream that is expected to have no facts, and so is not read; the commit checks that it has none. */
export function newStream(decider: Decider, stream: string): PendingStream {
  return fromStore(decider, stream, { state: decider.initialState(), version: 0, snapshotVersion: 0 })
}

function fromStore(decider: Decider, stream: string, { state, version, snapshotVersion }: LoadedStream): PendingStream {
  return { category: decider.name, stream, storedVersion: version, version, state, snapshotVersion, facts: [] }
}

function newFact(
  { decider }: DeciderDeclaration,
  decided: ImportedFact,
  origin: Origin,
  { environment, limits }: DecideEnvironment,
): NewFact {
  const definition = decider.facts[decided.type]
  if (definition === undefined) {
    throw new TidingsError(
      'NOT_DECLARED',
      `Decider ${decider.name} decided a fact ${JSON.stringify(decided.type)}, which it does not declare.`,
    )
  }
  const what = `Fact ${decided.type} of ${decider.name}`
  const { latest, versions } = definition.chain
  const shape = decided.version === undefined ? latest : versions[decided.version - 1]
  if (shape === undefined) throw new TidingsError('NOT_DECLARED', `${what} has no version ${decided.version}.`)
  return {
    type: decided.type,
    version: shape.version,
    data: toJson(what, validate(what, shape.schema, decided.data), limits),
    occurredAt: origin.occurredAt,
    recordedAt: environment.clock.now(),
    correlationId: origin.correlationId,
    causationId: origin.causationId,
    causedBy: origin.causedBy,
    principal: origin.principal,
    tenant: origin.tenant,
  }
}

// Publishes the events that a fact is announced as, in the unit that appends the fact. Their ids derive from the fact: if this is repeated,
// it publishes nothing new.
function announce(
  unit: UnitOfWork,
  declaration: DeciderDeclaration,
  fact: StoredFact,
  state: unknown,
  origin: Origin,
  { environment, limits }: DecideEnvironment,
): void {
  const map = declaration.announce[fact.type]
  if (map === undefined) return
  const tools = {
    event: (contract: Announcement['contract'], data: unknown) => ({ contract, data }),
    meta: factMeta(fact),
  }
  const mapped = map(readFactData(declaration.decider, fact), copyState(state), tools)
  const announcements =
    mapped === undefined ? [] : Array.isArray(mapped) ? (mapped as readonly Announcement[]) : [mapped as Announcement]
  announcements.forEach(({ contract, data }, index) => {
    if (!declaration.publishes.some((declared) => isSameContract(declared, contract))) {
      throw new TidingsError(
        'NOT_DECLARED',
        `Decider ${declaration.decider.name} announces ${contract.name}, which it does not declare under publishes.`,
      )
    }
    const place = `${fact.category}:${fact.stream}:${fact.streamVersion}`
    const id = `${place}:${contract.name}${index === 0 ? '' : `:${index}`}`
    unit.publish(makeEvent({ contract, data, origin, occurredAt: fact.occurredAt, id }, environment, limits))
  })
}
