// The instances of process managers as they are kept: one row that says how an instance stands, and one for each step it took.
// Invariant: both are committed with the step itself.

import type { Decider, DeciderDeclaration, ProcessDeclaration } from '../../services/index.ts'

/** How an instance stands. */
export interface ProcessInstance {
  readonly process: string
  readonly key: string
  /** 1 for the first time the key was started; an instance that has ended may be started again. */
  readonly run: number
  readonly state: 'running' | 'ended'
  /** The number of steps, of all runs. */
  readonly steps: number
  readonly startedAt: number
  readonly changedAt: number
  readonly endedAt?: number
}

/** One step of an instance: what came in, and what was decided. */
export interface ProcessStep {
  readonly number: number
  readonly run: number
  /** When it was handled, and when what came in occurred, in milliseconds since 1970. */
  readonly at: number
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
  // Keys may hold "/", and none of another instance's steps may seem to be of this one.
  return `${process}/${encodeURIComponent(key)}/`
}

/** The key of a step's row. */
export function stepKey(process: string, key: string, number: number): string {
  return `${stepsPrefix(process, key)}${String(number).padStart(10, '0')}`
}

/** The indexed value by which instances of a process are listed. */
export function standing(process: string, state: ProcessInstance['state']): string {
  return `${process}/${state}`
}

/**
 * The stream of an instance: its key, and for each later run one of its own, `<key>#<run>`. A `#` of the key is doubled, so that no key
 * is taken for another's run: a name of a first run has them in pairs only, one of a later run ends in a single one and digits.
 */
export function streamOfRun(key: string, run: number): string {
  const name = key.replaceAll('#', '##')
  return run === 1 ? name : `${name}#${run}`
}

/** A process's streams as those of a decider that says nothing to others. */
export function streamsOf(manager: ProcessDeclaration): DeciderDeclaration<Decider> {
  return {
    kind: 'decider-handler',
    service: manager.service,
    decider: manager.decider,
    publishes: [],
    announce: {},
  }
}
