// The instances of process managers as stored: one row with the state of an instance, and one for each of its steps.
// Invariant: both are committed together with the step itself.

import type { Store } from '../../ports/index.ts'
import type { Decider, DeciderDeclaration, ProcessDeclaration } from '../../services/index.ts'
import { keysUnder } from '../unit-of-work/pages-of-rows.ts'
import { systemTables } from '../unit-of-work/system-tables.ts'

/** An instance of a process manager. */
export interface ProcessInstance {
  readonly process: string
  readonly key: string
  /** 1 for the first run of the key; an instance that has ended may be started again. */
  readonly run: number
  readonly state: 'running' | 'ended'
  /** The number of steps, of all runs. */
  readonly steps: number
  readonly startedAt: number
  readonly changedAt: number
  readonly endedAt?: number
}

/** One step of an instance: its input, and what was decided. */
export interface ProcessStep {
  readonly number: number
  readonly run: number
  /** When it was handled, in milliseconds since 1970. */
  readonly at: number
  /** When its input occurred, in milliseconds since 1970. */
  readonly occurredAt: number
  /** An event's type and id, or a timer's name. */
  readonly input: {
    readonly kind: 'event' | 'timer'
    readonly name: string
    readonly id?: string
    readonly lateMs?: number
  }
  readonly correlationId: string
  /** The stream's version after it. */
  readonly version: number
  readonly facts: readonly string[]
  readonly published: readonly { readonly type: string; readonly id: string }[]
  readonly executed: readonly { readonly command: string; readonly rejected?: string }[]
  readonly requested: readonly { readonly effect: string; readonly id: string }[]
  /** Timers that were set (and when they are due) or cancelled. */
  readonly timers: readonly { readonly name: string; readonly dueAt?: number }[]
  readonly ended?: true
}

/** The key of an instance's row. */
export function instanceKey(process: string, key: string): string {
  return `${process}/${key}`
}

/** The prefix of the keys of an instance's steps; it ends in "/". */
export function stepsPrefix(process: string, key: string): string {
  // Keys may contain "/"; without encoding, the steps of another instance could have this prefix.
  return `${process}/${encodeURIComponent(key)}/`
}

/** The key of a step's row. */
export function stepKey(process: string, key: string, number: number): string {
  return `${stepsPrefix(process, key)}${String(number).padStart(10, '0')}`
}

/** The value of the index `standing`: lists the instances of a process manager in one state. */
export function standing(process: string, state: ProcessInstance['state']): string {
  return `${process}/${state}`
}

/**
 * The stream of a run: the key for the first, `<key>#<run>` for each later one. Every `#` of the key is doubled, so the two never collide:
 * the name of a first run has `#` only in pairs, and that of a later run ends in a single `#` and digits.
 */
export function streamOfRun(key: string, run: number): string {
  const name = key.replaceAll('#', '##')
  return run === 1 ? name : `${name}#${run}`
}

/** The names of the process managers that have stored instances, even if the code no longer declares them; one short read for each. */
export async function storedProcesses(store: Store): Promise<readonly string[]> {
  const names: string[] = []
  for (let from = ''; ; ) {
    const [row] = await store.find({ table: systemTables.processes, fromKey: from, limit: 1 })
    if (row === undefined) return names
    const name = row.key.slice(0, row.key.indexOf('/'))
    names.push(name)
    from = keysUnder(`${name}/`).toKey
  }
}

/** The streams of a process manager, declared like those of a decider that publishes nothing. */
export function streamsOf(manager: ProcessDeclaration): DeciderDeclaration<Decider> {
  return {
    kind: 'decider-handler',
    service: manager.service,
    decider: manager.decider,
    publishes: [],
    announce: {},
  }
}
