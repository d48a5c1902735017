// The types of a service's chains and of sessions: what compiles, and what does not.

import { anything, createSession, given, retracted } from '../../src/index.ts'
import {
  Cases,
  care,
  DrinkOrdered,
  DrinkServed,
  FeedbackText,
  GuestChanged,
  guests,
  kitchen,
  kitchenDefinition,
  NoteShift,
  RegisterGuest,
  serveDrink,
  tab,
  till,
} from '../systems/cafe.ts'

const ann = { guestId: 'ann', name: 'Ann' }
const tea = { tabId: 't-1', guestId: 'ann', drink: 'tea', cents: 250 }
const serving = given(kitchen)
  .replicas({ guests: [ann] })
  .when(serveDrink, tea, { occurredAt: new Date(0) })

await serving.then({
  published: [[DrinkServed, { tabId: 't-1', drink: 'tea', to: anything }, { principal: null }]],
  tables: { served: [{ tabId: 't-1', drinks: ['tea'] }] },
  executed: [[NoteShift, { tabId: 't-1' }]],
})
await given(guests)
  .when(RegisterGuest, ann)
  .then({ output: { visits: 1 }, published: [[GuestChanged, ann]] })
await given(care).when(Cases, {}).thenAnswers([])
await given(till, 'by-day')
  .events([
    [DrinkOrdered, tea],
    [DrinkOrdered, { from: 'before' }, { version: 1 }],
  ])
  .then({ days: [] })
await given(kitchen, 'guests')
  .events([
    [GuestChanged, ann],
    [GuestChanged, retracted('ann')],
  ])
  .then({ guests: [] })

// @ts-expect-error 'This service is not complete: pass the result of its .with({ … }).'
void given(kitchenDefinition).when(serveDrink, tea)
// @ts-expect-error a table the service does not have
void given(kitchen).tables({ parcels: [] })
// @ts-expect-error a row of another shape
void given(kitchen).tables({ served: [{ tabId: 't-1', drinks: 'tea' }] })
// @ts-expect-error a replica the service does not have
void given(kitchen).replicas({ drinks: [] })
// @ts-expect-error a state of another shape
void given(kitchen).replicas({ guests: [{ guestId: 'ann' }] })
// @ts-expect-error a handler's event has another shape
void given(kitchen).when(serveDrink, { tabId: 't-1' })
// @ts-expect-error a command's input has another shape
void given(guests).when(RegisterGuest, { guestId: 'ann' })
// @ts-expect-error a command has no event's details
void given(guests).when(RegisterGuest, ann, { entityVersion: 3 })
// @ts-expect-error a command's rejection is nothing a handler has
void serving.thenRejected('no-name')
// @ts-expect-error an expected event of another shape
void serving.then({ published: [[DrinkServed, { tabId: 't-1', drink: 'tea' }]] })
// @ts-expect-error 'This service does not publish that contract.'
void serving.then({ published: [[GuestChanged, ann]] })
// @ts-expect-error expected rows of another shape
void serving.then({ tables: { served: [{ tabId: 't-1' }] } })
// @ts-expect-error an expected command of another shape
void serving.then({ executed: [[NoteShift, {}]] })
const registering = given(guests).when(RegisterGuest, ann)
// @ts-expect-error an answer of another shape
void registering.then({ output: { visits: 'one' } })
// @ts-expect-error facts of another shape
void given(kitchen).facts(tab, 't-1', [['opened', {}]])
// @ts-expect-error a lookup's answer of another shape
void given(care).lookups(FeedbackText, () => ({ words: 'cold' }))
// @ts-expect-error an event of another shape
void given(till, 'by-day').events([[DrinkOrdered, { tabId: 't-1' }]])
// @ts-expect-error rows of another shape
void given(till, 'by-day').then({ days: [{ day: 5, cents: 1 }] })

const session = await createSession({ services: [guests, kitchen], seed: 1 })
const answer = await session.command(guests, RegisterGuest, ann)
if (answer.accepted) answer.output.visits.toFixed()
else answer.rejection.code.at(0)
const [first] = await session.published(GuestChanged)
first?.data?.name.at(0)
const [delivered] = await session.delivered(DrinkServed)
delivered?.event.data?.drink.at(0)
await session.publish(GuestChanged, retracted('ann'))
await session.advance({ minutes: 10 })

// @ts-expect-error a command's input has another shape
await session.command(guests, RegisterGuest, { guestId: 4 })
// @ts-expect-error a query's input has another shape
await session.query(FeedbackText, {})
// @ts-expect-error an event's data have another shape
await session.publish(GuestChanged, { guestId: 'ann' })
// @ts-expect-error a span of time in words
await session.advance({ fortnights: 1 })
