// `tidings timers` and `tidings effects`: timers that are set, and effects that are not performed yet, next due first.

import type { Invocation, SystemOptions } from '../invocation.ts'
import { drawPending } from '../process/draw-pending.ts'
import { operate } from '../system/operator.ts'
import { effectsOf, timersOf } from '../system/pending.ts'
import { noteUnavailable } from './not-running.ts'

/** The options. */
export interface PendingOptions extends SystemOptions {
  readonly limit: number
}

/** Lists timers or effects. */
export async function listPending(
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
