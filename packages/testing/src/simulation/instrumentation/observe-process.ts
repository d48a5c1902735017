// Wraps the inputs of process managers, so that faults reach them and what they returned is known. Their tables are read-only, so they record
// no executions themselves; their histories show which inputs took effect.

import type { ProcessDeclaration, ProcessInput } from 'tidings'
import type { ProcessRuns } from '../system/simulated-system.ts'
import { type Timers, watchedTimers } from './operations.ts'

interface InputContext {
  readonly key: string
  readonly event?: { readonly id: string; readonly key: string }
  readonly timers: Timers
}

/** Wraps the call of an input's function for a key. */
export type Around = (name: string, key: string, run: () => unknown) => unknown

/** A process manager with its inputs wrapped. */
export function observeProcess(runs: ProcessRuns, manager: ProcessDeclaration, around: Around): ProcessDeclaration {
  const observed = <I extends ProcessInput>(input: I): I => ({
    ...input,
    run: (data: unknown, given: unknown) => {
      const context = given as InputContext
      const isOfEvent = input.on === 'event'
      const { id, key } = (isOfEvent ? context.event : undefined) ?? { id: '', key: context.key }
      return around(`${manager.name}.${input.name}`, key, async () => {
        const answer: unknown = await input.run(data, noteRepeats(runs, manager.name, context))
        const hasFacts = Array.isArray(answer) ? answer.length > 0 : answer !== undefined && answer !== null
        if (isOfEvent) runs.decided.set(`${manager.name} ${id}`, hasFacts)
        return answer
      })
    },
  })
  return { ...manager, inputs: manager.inputs.map(observed) }
}

function noteRepeats(runs: ProcessRuns, manager: string, context: InputContext): InputContext {
  const note = (timer: string, method: string) => {
    if (method === 'every') runs.repeated.add(`${manager} ${timer}`)
  }
  return new Proxy(context, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name)
      return name === 'timers' ? watchedTimers(member as Timers, note) : member
    },
  })
}
