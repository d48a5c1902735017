// What every kind of impulse keeps of its reason, and how it is withdrawn when that goes away: before its moment has come it ends here;
// afterwards whoever holds it is told.
import type { EventContract, EventInput } from 'tidings'
import { z } from 'zod'
import { ImpulseCalledOff, ImpulseEnded } from './contract.ts'

/** An impulse whose moment is still to come. */
export const planned = z.object({
  impulseId: z.string(),
  kind: z.string(),
  to: z.string(),
  roomId: z.string(),
  reasonAt: z.string(),
})

/** The reason for an impulse, as far as it has come. */
export interface Reason {
  readonly impulse: Readonly<z.infer<typeof planned>> | undefined
  /** Whether its moment has come. */
  readonly offered: boolean
}

interface Withdrawing {
  readonly state: Reason
  publish<E extends typeof ImpulseEnded | typeof ImpulseCalledOff>(
    contract: E,
    data: EventInput<E & EventContract>,
  ): void
  now(): Date
}

/** Takes an impulse back whose reason has gone away. */
export function withdraw({ state, publish, now }: Withdrawing, why: string): void {
  if (state.impulse === undefined) return
  if (state.offered) publish(ImpulseCalledOff, state.impulse)
  else publish(ImpulseEnded, { ...state.impulse, outcome: 'withdrawn', why, held: false, endedAt: now().toISOString() })
}
