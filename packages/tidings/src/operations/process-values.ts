// The values in the history of a process manager's instance: facts and the current state, upcast, with a bound on their total size.
// Invariant: a history can always be shown; data that this code cannot read are shown as stored, or replaced by the error.

import { describeThrown } from '../errors/index.ts'
import type { Store, StoredFact } from '../ports/index.ts'
import { type ProcessInstance, type ProcessStep, streamOfRun } from '../runtime/process-managers/process-instance.ts'
import { loadStream, readFactData } from '../runtime/streams/load-stream.ts'
import type { ProcessDeclaration } from '../services/index.ts'

/** A fact of a process manager. */
export interface ShownFact {
  readonly type: string
  /** The stream's version after this fact. */
  readonly streamVersion: number
  /** In milliseconds since 1970. */
  readonly occurredAt: number
  readonly recordedAt: number
  readonly correlationId: string
  readonly causationId: string
  readonly causedBy: string
  readonly principal: string | null
  readonly tenant: string | null
  /** `undefined` if it is omitted. */
  readonly data: unknown
  /** The size of the data in characters of JSON; set only if they are omitted because all values together are too large. */
  readonly omittedBytes?: number
}

/** The current state of an instance. */
export interface ShownState {
  /** The state as JSON; `undefined` if it is omitted or cannot be built. */
  readonly state: unknown
  /** Why there is no state; `undefined` if there is one. */
  readonly stateError: { readonly code: string; readonly message: string } | undefined
}

/** The most characters of JSON that all values of one answer may have together. */
const valuesMax = 4 * 1024 * 1024

/** Bounds the total size of the values of one answer. */
export class ValueBudget {
  #left = valuesMax

  /** Whether a value of this size still fits; if it does, counts it. */
  takes(size: number): boolean {
    if (size > this.#left) return false
    this.#left -= size
    return true
  }
}

/** The state of an instance's current run. */
export async function stateOf(
  store: Store,
  manager: ProcessDeclaration | undefined,
  instance: ProcessInstance,
  budget: ValueBudget,
): Promise<ShownState> {
  const without = (code: string, message: string): ShownState => ({ state: undefined, stateError: { code, message } })
  if (manager === undefined)
    return without('UNKNOWN_PROCESS', `This code has no process ${instance.process}, so its state cannot be built.`)
  try {
    const { state } = await loadStream(store, manager.decider, streamOfRun(instance.key, instance.run))
    const text = JSON.stringify(state) ?? 'null'
    if (!budget.takes(text.length))
      return without('PAYLOAD_TOO_LARGE', `The state has ${text.length} characters of JSON, too many to show.`)
    return { state: JSON.parse(text), stateError: undefined }
  } catch (error) {
    const { code, message } = describeThrown(error)
    return without(code, message)
  }
}

/** The facts of some steps, by step number. If not all data fit, the newest facts keep theirs. */
export async function factsOfSteps(
  store: Store,
  manager: ProcessDeclaration | undefined,
  instance: ProcessInstance,
  steps: readonly ProcessStep[],
  budget: ValueBudget,
): Promise<ReadonlyMap<number, readonly ShownFact[]>> {
  const shown = new Map<number, readonly ShownFact[]>()
  for (const step of [...steps].reverse()) {
    const count = step.facts.length
    if (count === 0) continue
    const stream = streamOfRun(instance.key, step.run)
    const facts = await store.readStream(instance.process, stream, step.version - count, count)
    shown.set(
      step.number,
      facts.map((fact) => shownFact(fact, manager, budget)),
    )
  }
  return shown
}

function shownFact(fact: StoredFact, manager: ProcessDeclaration | undefined, budget: ValueBudget): ShownFact {
  const { type, streamVersion, occurredAt, recordedAt, correlationId, causationId, causedBy, principal, tenant } = fact
  const size = fact.data.length
  return {
    type,
    streamVersion,
    occurredAt,
    recordedAt,
    correlationId,
    causationId,
    causedBy,
    principal,
    tenant,
    ...(budget.takes(size) ? { data: dataOf(fact, manager) } : { data: undefined, omittedBytes: size }),
  }
}

function dataOf(fact: StoredFact, manager: ProcessDeclaration | undefined): unknown {
  try {
    if (manager !== undefined) return readFactData(manager.decider, fact)
  } catch {
    // An upcaster failed, or the code no longer defines the fact: show the stored data instead.
  }
  return JSON.parse(fact.data)
}
