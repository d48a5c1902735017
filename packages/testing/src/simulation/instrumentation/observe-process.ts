// The inputs of process managers as the stage sees them: faults reach them, and what they have answered is known.
// Their tables are for reading, so they bear no witness themselves; their histories do.

import type { ProcessDeclaration, ProcessInput } from 'tidings'
import { type Timers, watchedTimers } from './operations.ts'

/** What is known of the runs of all processes' functions, also of those that were undone. */
export interface ProcessRuns {
  /** Whether the latest run on an event has decided facts, by `<process> <event id>`. */
  readonly decided: Map<string, boolean>
  /** Timers that were set to come back again and again, by `<process> <timer>`. */
  readonly repeated: Set<string>
}

interface InputContext {
  readonly key: string
  readonly event?: { readonly id: string; readonly key: string }
  readonly timers: Timers
}

/** Lays something around the run of an input for a key. */
export type Around = (name: string, key: string, run: () => unknown) => unknown

/** A process manager whose inputs are seen. */
export function processSeen(runs: ProcessRuns, manager: ProcessDeclaration, around: Around): ProcessDeclaration {
  const seen = <I extends ProcessInput>(input: I): I => ({
    ...input,
    run: (data: unknown, given: unknown) => {
      const context = given as InputContext
      const isOfEvent = input.on === 'event'
      const { id, key } = (isOfEvent ? context.event : undefined) ?? { id: '', key: context.key }
      return around(`${manager.name}.${input.name}`, key, async () => {
        const answer: unknown = await input.run(data, repeatsNoted(runs, manager.name, context))
        const hasFacts = Array.isArray(answer) ? answer.length > 0 : answer !== undefined && answer !== null
        if (isOfEvent) runs.decided.set(`${manager.name} ${id}`, hasFacts)
        return answer
      })
    },
  })
  return { ...manager, inputs: manager.inputs.map(seen) }
}

function repeatsNoted(runs: ProcessRuns, manager: string, context: InputContext): InputContext {
  const note = (timer: string, word: string) => {
    if (word === 'every') runs.repeated.add(`${manager} ${timer}`)
  }
  return new Proxy(context, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name)
      return name === 'timers' ? watchedTimers(member as Timers, note) : member
    },
  })
}
