// `tidings timers` and `tidings effects` on the command line: their arguments and options. What they do is in actions/pending.ts, which is loaded when one runs.

import type { Command } from 'commander'
import type { PendingOptions } from '../actions/pending.ts'
import type { Invocation } from '../invocation.ts'
import { type Action, action, wholeNumber, withSystemOptions } from './shared-options.ts'

/** Adds `timers`. */
export function addTimers(program: Command, invocation: Invocation): void {
  add(program, invocation, 'timer', 'list timers that are set, next due first')
}

/** Adds `effects`. */
export function addEffects(program: Command, invocation: Invocation): void {
  add(program, invocation, 'effect', 'list effects that are requested but not performed yet')
}

function add(program: Command, invocation: Invocation, what: 'timer' | 'effect', description: string): void {
  const command = program
    .command(`${what}s`)
    .argument('[service]', `only the ${what}s of this service`)
    .description(description)
    .option('--limit <count>', `how many ${what}s at most`, wholeNumber('--limit', 1, 1_000), 100)
  const load = async (): Promise<Action<PendingOptions>> => {
    const { listPending } = await import('../actions/pending.ts')
    return (called, options, service) => listPending(called, options, what, service)
  }
  withSystemOptions(command).action(action<PendingOptions>(invocation, load))
}
