// The simulation of the chat: what its members do, how the webhook answers, and what must hold under all faults. `npx tidings simulate` reads
// this file. A run begins in the evening, so that impulses wait through quiet hours, and continues until the last of them has ended.
import { defineSimulation } from '@tidings/testing'
import { type EffectData, TidingsError } from 'tidings'
import type { PostImpulse } from './services/courier/post-impulse.ts'
import { oneVerdictEach } from './simulation/attachments.ts'
import { figuresMatch } from './simulation/figures.ts'
import { everyReasonCounts, neverTooMuch, oneEndEach } from './simulation/impulses.ts'
import { unreachable } from './simulation/people.ts'
import { messagesMatch } from './simulation/rooms.ts'
import { talk } from './simulation/talk.ts'

/** How often the webhook fails. */
const webhookFails = 0.15

export default defineSimulation({
  workload: talk,
  stepCount: 60,
  start: new Date('2026-03-02T19:30:00.000Z'),
  settleFor: { hours: 14 },
  // The only effect of the chat is `post-impulse`.
  effects: ({ data }, random) => {
    if ((data as EffectData<typeof PostImpulse>).to === unreachable)
      throw new TidingsError('EFFECT_REFUSED', 'The webhook answered with status 404.')
    if (random.happens(webhookFails))
      throw new Error(`The webhook answered with status ${random.pick([429, 500, 503])}.`)
    return { status: random.pick([200, 202]) }
  },
  invariants: [oneEndEach, everyReasonCounts, neverTooMuch, oneVerdictEach, messagesMatch, figuresMatch],
})
