// A service with an effect: for each letter it calls the outside, and notes the answer. The outside is a function of the test.

import {
  defineCommand,
  defineEffect,
  defineEvent,
  defineService,
  defineTable,
  type Limits,
  type Service,
} from 'tidings'
import { z } from 'zod'
import type { World } from '../setup/world.ts'
import { rowsOf } from './fulfilment.ts'
import { type Letter, LetterSent } from './letters.ts'

const letter = z.object({ to: z.string(), number: z.number() })
export const Deliver = defineEffect('deliver', {
  input: letter,
  outcome: z.object({ receipt: z.string() }),
  key: ({ to }) => to,
})
export const Delivered = defineEvent('test.delivered', { owner: 'courier', pattern: 'notification' })
  .version(1, letter.extend({ receipt: z.string() }))
  .key(({ to }) => to)
const Count = defineCommand('count', { input: z.object({ to: z.string() }) })
const delivered = defineTable('delivered')
  .version(1, z.object({ to: z.string(), numbers: z.array(z.number()), counted: z.number() }))
  .key(({ to }) => to)
const seen = defineTable('seen')
  .version(1, z.object({ to: z.string(), count: z.number() }))
  .key(({ to }) => to)

/** What the outside gets with each call. */
export interface Asked {
  readonly idempotencyKey: string
  readonly attempt: number
  readonly signal: AbortSignal
}

/** Options of the service. */
export interface CourierOptions {
  readonly limits?: Partial<Limits>
  /** The outside. Default: it answers at once. */
  readonly deliver?: (letter: Letter, asked: Asked) => unknown
  /** Runs in the handler, after the request. */
  readonly onLetter?: (letter: Letter) => unknown
  /** Runs in the outcome's function, after its reads. */
  readonly onOutcome?: (letter: Letter) => unknown
  readonly effectsFrom?: Date | 'now'
  readonly handlerFrom?: 'beginning' | 'now'
  readonly timeoutMs?: number
  readonly attemptsMax?: number
  readonly inParallelMax?: number
  readonly breaker?: { readonly failures: number; readonly pauseMs: number }
}

/** The service that delivers. */
export function courierWith(options: CourierOptions = {}): Service {
  const { limits = {}, deliver = () => {}, onLetter, onOutcome, effectsFrom, handlerFrom } = options
  const { timeoutMs, attemptsMax, inParallelMax, breaker } = options
  const courier = defineService('courier', {
    publishes: [Delivered],
    tables: { delivered },
    readModels: { seen },
    limits: { retryDelayMs: 100, retryDelayMsMax: 1_000, ...limits },
  })
  return courier.with({
    request: courier.on(
      LetterSent,
      {
        requests: [Deliver],
        ...(effectsFrom === undefined ? {} : { effectsFrom }),
        ...(handlerFrom === undefined ? {} : { from: handlerFrom }),
      },
      async (sent, { request }) => {
        request(Deliver, sent)
        await onLetter?.(sent)
      },
    ),
    count: courier.command(Count, async ({ to }, { tables }) => {
      const row = (await tables.delivered.get(to)) ?? { to, numbers: [], counted: 0 }
      tables.delivered.put({ ...row, counted: row.counted + 1 })
    }),
    seen: courier.projection('seen', { writes: ['seen'] }).on(LetterSent, async ({ to }, { tables }) => {
      const row = await tables.seen.get(to)
      tables.seen.put({ to, count: (row?.count ?? 0) + 1 })
    }),
    deliver: courier.effect(Deliver, {
      publishes: [Delivered],
      perform: async (sent, asked) => {
        await deliver(sent, asked)
        return { receipt: asked.idempotencyKey }
      },
      outcome: async ({ receipt }, { input, tables, publish }) => {
        const row = (await tables.delivered.get(input.to)) ?? { to: input.to, numbers: [], counted: 0 }
        await onOutcome?.(input)
        tables.delivered.put({ ...row, numbers: [...row.numbers, input.number] })
        publish(Delivered, { ...input, receipt })
      },
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(attemptsMax === undefined ? {} : { attemptsMax }),
      ...(inParallelMax === undefined ? {} : { inParallelMax }),
      ...(breaker === undefined ? {} : { breaker }),
    }),
  })
}

/** What was delivered: `{ a: [1, 2], b: [1] }`. */
export async function deliveries(world: World): Promise<Record<string, readonly number[]>> {
  const rows = await rowsOf(world, 'courier', 'delivered')
  return Object.fromEntries(rows.map(({ to, numbers }) => [to, numbers as number[]]))
}

/** Notes the calls to the outside, such as `a1`, and their idempotency keys. */
export function notebook() {
  const asked: string[] = []
  const keys = new Map<string, Set<string>>()
  return {
    asked,
    keys,
    note: ({ to, number }: Letter, { idempotencyKey }: Asked) => {
      const name = `${to}${number}`
      asked.push(name)
      keys.set(name, (keys.get(name) ?? new Set()).add(idempotencyKey))
    },
  }
}
