// One contender of one piece of work in a process of its own, so that heap and compiled code of one never serve another.
// It makes itself ready, then does a round whenever it is told to.

import type { ContenderName } from '../work.ts'
import { works } from '../works.ts'

/** What the process is told. */
export type Order = 'round' | 'end'

/** What the process answers: that it is ready, or a round's figures, or what went wrong. */
export type Answer = { readonly ready: true } | { readonly figures: readonly number[] } | { readonly error: string }

const [index, contender, folder] = process.argv.slice(2)
const work = works[Number(index)]
const open = work?.[contender as ContenderName]
if (work === undefined || open === undefined || folder === undefined) throw new Error('No such row or contender.')

const answer = (what: Answer) => process.send?.(what)
try {
  const running = await open({ folder, durability: work.durability })
  process.on('message', async (order: Order) => {
    try {
      if (order === 'round') {
        const round = await running.round()
        answer({ figures: typeof round === 'number' ? [round] : round })
      } else {
        await running.close()
        process.disconnect()
      }
    } catch (error) {
      answer({ error: textOf(error) })
    }
  })
  answer({ ready: true })
} catch (error) {
  answer({ error: textOf(error) })
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
