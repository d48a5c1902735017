// `tidings timers` and `tidings effects`: what is due next, and what was not done yet.

import type { Command } from 'commander'
import type { Invocation, SystemOptions } from '../invocation.ts'
import { drawPending } from '../process/draw-pending.ts'
import { operate } from '../system/operator.ts'
import { effectsOf, timersOf } from '../system/pending.ts'
import { noteUnknown } from './not-running.ts'
import { action, wholeNumber, withSystemOptions } from './shared-options.ts'

interface PendingOptions extends SystemOptions {
  readonly limit: number
}

/** Adds `timers`. */
export function addTimers(program: Command, invocation: Invocation): void {
  add(program, invocation, 'timer', 'list the timers that are set, next due first')
}

/** Adds `effects`. */
export function addEffects(program: Command, invocation: Invocation): void {
  add(program, invocation, 'effect', 'list the effects that were requested and not performed yet')
}

function add(program: Command, invocation: Invocation, what: 'timer' | 'effect', description: string): void {
  const command = program
    .command(`${what}s`)
    .argument('[service]', `only this service's`)
    .description(description)
    .option('--limit <count>', `the most ${what}s`, wholeNumber('--limit', 1, 1_000), 100)
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
      terminal.json({ [`${what}s`]: items, more, notKnown: operator.unknown })
      return
    }
    terminal.lines(drawPending(items, { what, more, now: Date.now(), width: terminal.width }))
    noteUnknown(terminal, operator, `so their ${what}s are not listed`)
  })
}
