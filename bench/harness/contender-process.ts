// Runs one contender of one piece of work in its own process, so that contenders share neither heap nor compiled code. It prepares itself,
// then runs a round for each message.

import type { ContenderName, Measured, Sizes } from '../work.ts'
import { works } from '../works.ts'
import { setRoundCpu } from './cpu.ts'

/** A message to the process. */
export type Order = 'round' | 'end'

/** An answer of the process: that it is ready, the figures of a round, or an error. */
export type Answer =
  | { readonly ready: true; readonly processIds: readonly number[] }
  | { readonly figures: readonly Measured[] }
  | { readonly error: string }

const [index, contender, folder, sizes] = process.argv.slice(2)
const work = works[Number(index)]
const open = work?.[contender as ContenderName]
if (work === undefined || open === undefined || folder === undefined || sizes === undefined)
  throw new Error('No such row or contender.')

const answer = (what: Answer) => process.send?.(what)
try {
  const chosen = JSON.parse(sizes) as Sizes
  setRoundCpu(chosen.roundCpuMs)
  const running = await open({ folder, durability: work.durability }, chosen)
  process.on('message', async (order: Order) => {
    try {
      if (order === 'round') {
        const round = await running.round()
        answer({ figures: 'figure' in round ? [round] : round })
      } else {
        await running.close()
        process.disconnect()
      }
    } catch (error) {
      answer({ error: textOf(error) })
    }
  })
  answer({ ready: true, processIds: [process.pid, ...(running.processIds ?? [])] })
} catch (error) {
  answer({ error: textOf(error) })
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
