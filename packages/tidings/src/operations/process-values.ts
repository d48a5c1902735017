// The values in the history of a process manager's instance: facts and the present state, upcast, and bounded as a whole.
// Invariant: what this code cannot read is shown as it is kept, or with the error; a history can always be looked at.

import { isTidingsError } from '../errors/index.ts'
import type { Store, StoredFact } from '../ports/index.ts'
import { type ProcessInstance, type ProcessStep, streamOfRun } from '../runtime/process-managers/process-instance.ts'
import { loadStream, readFactData } from '../runtime/streams/load-stream.ts'
import type { ProcessDeclaration } from '../services/index.ts'

/** A fact of a process manager. */
export interface ShownFact {
  readonly type: string
  /** The stream's version after it. */
  readonly streamVersion: number
  /** In milliseconds since 1970. */
  readonly occurredAt: number
  readonly recordedAt: number
  readonly correlationId: string
  readonly causationId: string
  readonly causedBy: string
  readonly principal: string | null
  /** `undefined` where it is left out. */
  readonly data: unknown
  /** Set where the data are left out, because all values together would be too large: their size. */
  readonly omittedBytes?: number
}

/** The present state of an instance. */
export interface ShownState {
  /** As JSON keeps it; `undefined` where it is left out, or cannot be made. */
  readonly state: unknown
  /** Why there is no state. */
  readonly stateError: { readonly code: string; readonly message: string } | undefined
}

/** The most that the values of one answer take together, in characters of JSON. */
const valuesMax = 4 * 1024 * 1024

/** Keeps the values of an answer within bounds. */
export class ValueBudget {
  #left = valuesMax

  /** Whether a value of this size still fits; if so, it is counted. */
  takes(size: number): boolean {
    if (size > this.#left) return false
    this.#left -= size
    return true
  }
}

/** The state of an instance's present run. */
export async function stateOf(
  store: Store,
  manager: ProcessDeclaration | undefined,
  instance: ProcessInstance,
  budget: ValueBudget,
): Promise<ShownState> {
  const without = (code: string, message: string): ShownState => ({ state: undefined, stateError: { code, message } })
  if (manager === undefined)
    return without('UNKNOWN_PROCESS', `The code has no process ${instance.process} any more: nothing makes its state.`)
  try {
    const { state } = await loadStream(store, manager.decider, streamOfRun(instance.key, instance.run))
    const text = JSON.stringify(state) ?? 'null'
    if (!budget.takes(text.length)) return without('PAYLOAD_TOO_LARGE', `The state is ${text.length} characters long.`)
    return { state: JSON.parse(text), stateError: undefined }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return without(isTidingsError(error) ? error.code : 'HANDLER_FAILED', message)
  }
}

/** The facts that were decided in some steps, by the steps' numbers; where space is short, the newest have their data. */
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
  const { type, streamVersion, occurredAt, recordedAt, correlationId, causationId, causedBy, principal } = fact
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
    ...(budget.takes(size) ? { data: dataOf(fact, manager) } : { data: undefined, omittedBytes: size }),
  }
}

function dataOf(fact: StoredFact, manager: ProcessDeclaration | undefined): unknown {
  try {
    if (manager !== undefined) return readFactData(manager.decider, fact)
  } catch {
    // An upcaster that fails, or a fact the code has lost: what is kept tells more than nothing.
  }
  return JSON.parse(fact.data)
}
