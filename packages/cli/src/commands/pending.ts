// `tidings timers` and `tidings effects`: timers that are set, and effects that are not performed yet, next due first.

import type { Command } from 'commander'
import type { Invocation, SystemOptions } from '../invocation.ts'
import { drawPending } from '../process/draw-pending.ts'
import { operate } from '../system/operator.ts'
import { effectsOf, timersOf } from '../system/pending.ts'
import { noteUnavailable } from './not-running.ts'
import { action, wholeNumber, withSystemOptions } from './shared-options.ts'

interface PendingOptions extends SystemOptions {
  readonly limit: number
}

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
  const list = (called: Invocation, options: PendingOptions, service?: string) =>
    listPending(called, options, what, service)
  withSystemOptions(command).action(action<PendingOptions>(invocation, list))
}

async function listPending(
  invocation: Invocation,
  options: PendingOptions,
  what: 'timer' | 'effect',
  service: string | undefined,
): Promise<void> {
  await operate(invocation, options, async (operator) => {
    const { terminal } = invocation
    const selection = { limit: options.limit, ...(service === undefined ? {} : { service }) }
    const { items, more } = await (what === 'timer' ? timersOf : effectsOf)(operator, selection)
    if (options.json === true) {
      terminal.json({ [`${what}s`]: items, more, unavailable: operator.unavailable })
      return
    }
    terminal.lines(drawPending(items, { what, more, now: Date.now(), width: terminal.width }))
    noteUnavailable(terminal, operator, `Their ${what}s are not listed.`)
  })
}
