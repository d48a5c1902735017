// Runs a decider's command within a unit of work: load, decide, evolve, announce, and save a snapshot now and then.

import { isRejection, type PayloadLimits, reject, rejectionOrThrow, toJson, validate } from '../../contracts/index.ts'
import { TidingsError } from '../../errors/index.ts'
import type { Environment } from '../../ports/environment.ts'
import type { NewFact, StoredFact } from '../../ports/index.ts'
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
    decision = decider.decide[commandName]?.(command as never, loaded.state as never, tools as never)
  } catch (thrown) {
    decision = rejectionOrThrow(thrown)
  }
  if (isRejection(decision)) return decision
  await appendFacts(unit, declaration, stream, factsIn(decision), origin, environment)
  return isDecidedAnswer(decision) ? decision.output : undefined
}

/** Appends facts to a stream within a unit of work. */
export async function appendFacts(
  unit: UnitOfWork,
  declaration: DeciderDeclaration,
  stream: string,
  facts: readonly ImportedFact[],
  origin: Origin,
  environment: DecideEnvironment,
): Promise<void> {
  if (facts.length === 0) return
  const { decider } = declaration
  const loaded = await streamOf(unit, declaration, stream, environment.streams)
  let { state, version } = loaded
  const appended: NewFact[] = [...loaded.facts]
  for (const decided of facts) {
    const fact = newFact(declaration, decided, origin, environment)
    appended.push(fact)
    version++
    const stored: StoredFact = { ...fact, category: decider.name, stream, streamVersion: version, position: '' }
    state = evolve(decider, state, stored)
    announce(unit, declaration, stored, state, origin, environment)
    await environment.onFact?.(declaration, stored)
  }
  let { snapshotVersion } = loaded
  if (decider.snapshot !== undefined && version - snapshotVersion >= decider.snapshot.every) {
    saveSnapshot(unit, decider, { stream, version, state }, environment.limits, {
      log: environment.log,
      isFirst: (name) => environment.streams.skipsSnapshotsOf(name),
    })
    // Even if it could not be written, the next is due only after as many facts again.
    snapshotVersion = version
  }
  unit.setStream({ ...loaded, state, version, snapshotVersion, facts: appended })
}

/** A stream as the unit sees it; loaded if the unit does not have it yet. */
export async function streamOf(
  unit: UnitOfWork,
  { decider }: DeciderDeclaration,
  stream: string,
  cache: StreamCache,
): Promise<PendingStream> {
  const known = unit.stream(decider.name, stream)
  const pending =
    known ??
    fromStore(decider, stream, cache.get(decider.name, stream) ?? (await loadStream(unit.store, decider, stream)))
  // Recorded at once: a decision is appended to exactly the version it was made on, or there is a conflict.
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
  const mapped = map(readFactData(declaration.decider, fact), state, tools)
  const announcements =
    mapped === undefined ? [] : Array.isArray(mapped) ? (mapped as readonly Announcement[]) : [mapped as Announcement]
  announcements.forEach(({ contract, data }, index) => {
    if (!declaration.publishes.includes(contract)) {
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
