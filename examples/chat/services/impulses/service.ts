// The service `impulses`: the helpers of each room, and how often each member was nudged. It only listens: nobody calls it, and the chat works
// without it. Each kind of impulse is a process manager in its own file.
import { defineService, defineTable, replicaOf } from 'tidings'
import { z } from 'zod'
import { MemberChanged } from '../members/contract.ts'
import { ImpulseCalledOff, ImpulseDue, ImpulseEnded, ImpulseOffered } from './contract.ts'

/** How often a member has answered others in a room, and when they last did. */
export const helpers = defineTable('helpers')
  .version(1, z.object({ roomId: z.string(), memberId: z.string(), answers: z.int(), lastAt: z.int() }))
  .key((helper) => `${helper.roomId}/${helper.memberId}`)
  .index('roomId')

/** How many impulses a member got on a day of their own clock. */
export const turns = defineTable('turns')
  .version(1, z.object({ memberId: z.string(), day: z.string(), count: z.int() }))
  .key((turn) => `${turn.memberId}/${turn.day}`)

export const impulses = defineService('impulses', {
  description: 'Nudges at the right moment, from events alone.',
  publishes: [ImpulseOffered, ImpulseCalledOff, ImpulseDue, ImpulseEnded],
  tables: { helpers, turns },
  replicas: { members: replicaOf(MemberChanged) },
})
