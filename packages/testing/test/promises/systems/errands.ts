// A process manager with two sources: post's letters start or continue an errand, the clerk's answers continue or end it.
// It counts its inputs in its state and publishes each count, so that two inputs decided on one state are detected.

import { defineCommand, defineEvent, defineService, fact, type Limits, type Service, timer } from 'tidings'
import { z } from 'zod'
import type { World } from '../setup/world.ts'
import { rowsOf } from './fulfilment.ts'
import { type Letter, LetterSent } from './letters.ts'

export const AnswerGiven = defineEvent('test.answer-given', { owner: 'clerk', pattern: 'notification' })
  .version(1, z.object({ to: z.string(), number: z.number() }))
  .key(({ to }) => to)
const GiveAnswers = defineCommand('give-answers', {
  input: z.object({ answers: z.array(z.object({ to: z.string(), number: z.number() })) }),
})
const clerkDefinition = defineService('clerk', { publishes: [AnswerGiven] })
/** The second source. */
export const clerk = clerkDefinition.with({
  give: clerkDefinition.command(GiveAnswers, { publishes: [AnswerGiven] }, ({ answers }, { publish }) => {
    for (const answer of answers) publish(AnswerGiven, answer)
  }),
})

export const Counted = defineEvent('test.counted', { owner: 'errands', pattern: 'notification' })
  .version(1, z.object({ to: z.string(), count: z.number(), heard: z.string() }))
  .key(({ to }) => to)

/** A step of an errand's history: the parts that these tests read. */
export interface Step {
  readonly number: number
  readonly run: number
  readonly input: { readonly kind: string; readonly name: string; readonly id?: string; readonly lateMs?: number }
  readonly version: number
  readonly facts: readonly string[]
  readonly published: readonly { readonly type: string; readonly id: string }[]
  readonly timers: readonly { readonly name: string; readonly dueAt?: number }[]
  readonly ended?: true
}

/** Options of the process. */
export interface ErrandOptions {
  readonly limits?: Partial<Limits>
  /** Runs within each function, before it decides. */
  readonly onHeard?: (heard: string) => unknown
  readonly from?: 'beginning' | 'now'
  readonly subscriber?: string
  /** Leaves the answers out: an older version of the code. */
  readonly withoutAnswers?: boolean
}

/** The service with the process. Letter 0 starts nothing; letter 50 and answer 9 end the errand. */
export function errandsWith({ limits = {}, onHeard, from, subscriber, withoutAnswers }: ErrandOptions = {}): Service {
  const errands = defineService('errands', {
    publishes: [Counted],
    limits: { retryDelayMs: 100, pollMs: 60_000, ...limits },
  })
  const started = errands
    .process('errand', {
      facts: { heard: fact(z.object({ what: z.string() })) },
      initialState: () => ({ count: 0 }),
      evolve: { heard: ({ count }) => ({ count: count + 1 }) },
      timers: { remind: timer() },
      publishes: [Counted],
      ...(from === undefined ? {} : { from }),
      ...(subscriber === undefined ? {} : { subscriber }),
    })
    .starts(
      LetterSent,
      ({ to, number }) => (number === 99 ? undefined : to),
      async ({ to, number }, { state, facts, publish, timers, end }) => {
        const what = `${to}${number}`
        await onHeard?.(what)
        if (number === 0) return undefined
        if (number === 50) end()
        else if (state.count === 0) timers.remind.after({ minutes: 1 })
        publish(Counted, { to, count: state.count + 1, heard: what })
        return facts.heard({ what })
      },
    )
    .due('remind', (_nothing, { key, state, publish, facts }) => {
      publish(Counted, { to: key, count: state.count + 1, heard: 'remind' })
      return facts.heard({ what: 'remind' })
    })
  if (withoutAnswers === true) return errands.with({ errand: started })
  return errands.with({
    errand: started.on(
      AnswerGiven,
      ({ to }) => to,
      async ({ to, number }, { state, facts, publish, end }) => {
        const what = `answer ${to}${number}`
        await onHeard?.(what)
        publish(Counted, { to, count: state.count + 1, heard: what })
        if (number === 9) end()
        return facts.heard({ what })
      },
    ),
  })
}

const parsed = (texts: readonly string[]): Letter[] =>
  texts.map((text) => ({ to: text.slice(0, 1), number: Number(text.slice(1)) }))

/** Sends letters under an idempotency key. */
export async function sendAll(world: World, key: string, ...letters: readonly string[]): Promise<void> {
  const options = { idempotencyKey: key }
  await world.run(world.system.service('post').command('send-letters', { letters: parsed(letters) }, options))
}

/** Gives answers under an idempotency key. */
export async function answerAll(world: World, key: string, ...answers: readonly string[]): Promise<void> {
  const options = { idempotencyKey: key }
  await world.run(world.system.service('clerk').command('give-answers', { answers: parsed(answers) }, options))
}

/** What an errand has counted, in order. */
export async function counted(world: World, to: string): Promise<readonly { count: number; heard: string }[]> {
  const { events } = await world.system.service('errands').store.readEventLog({ after: '', limit: 1_000 })
  return events
    .filter(({ key }) => key === to)
    .map(({ data }) => JSON.parse(data ?? ''))
    .map(({ count, heard }) => ({ count, heard }))
}

/** The history of an errand. */
export async function stepsOf(world: World, to: string): Promise<readonly Step[]> {
  const rows = await world.system.service('errands').store.find({
    table: 'tidings.process-steps',
    fromKey: `errand/${to}/`,
    toKey: `errand/${to}0`,
    limit: 1_000,
  })
  return rows.map(({ json }) => JSON.parse(json) as Step)
}

/** The instances of the process: `{ a: 'running 2' }` (state and run). */
export async function instanceStates(world: World): Promise<Record<string, string>> {
  const rows = await rowsOf(world, 'errands', 'tidings.processes')
  return Object.fromEntries(rows.map(({ key, state, run }) => [key, `${state} ${run}`]))
}
