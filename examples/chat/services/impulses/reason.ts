// The state that every kind of impulse keeps of its reason, and how an impulse is withdrawn when its reason goes away: before it was offered
// it ends here; afterwards `release` is told to end it.
import type { EventContract, EventInput } from 'tidings'
import { z } from 'zod'
import { ImpulseCalledOff, ImpulseEnded } from './contract.ts'

/** An impulse that is not offered yet. */
export const planned = z.object({
  impulseId: z.string(),
  kind: z.string(),
  to: z.string(),
  roomId: z.string(),
  reasonAt: z.string(),
})

/** The reason for an impulse. */
export interface Reason {
  readonly impulse: Readonly<z.infer<typeof planned>> | undefined
  /** Whether the impulse was offered. */
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

/** Withdraws an impulse whose reason has gone away. */
export function withdraw({ state, publish, now }: Withdrawing, why: string): void {
  if (state.impulse === undefined) return
  if (state.offered) publish(ImpulseCalledOff, state.impulse)
  else publish(ImpulseEnded, { ...state.impulse, outcome: 'withdrawn', why, held: false, endedAt: now().toISOString() })
}
