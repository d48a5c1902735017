// A service for tests: it stores every message it handles, in the shape of the contract it was given.
import { defineQuery, defineService, defineTable, type Service } from 'tidings'
import { z } from 'zod'
import type { MessagePosted } from '../../services/rooms/contract.ts'

const Heard = z.object({ number: z.string(), message: z.unknown() })

/** The messages that a reader has handled, in order. */
export const heardBy = (name: string) =>
  defineQuery('heard', { owner: name, input: z.object({}), output: z.array(z.unknown()) })

/** A reader of posted messages that uses some version of their contract. */
export function readerOf(name: string, contract: typeof MessagePosted): Service {
  const heard = defineTable('heard')
    .version(1, Heard)
    .key(({ number }) => number)
  const reader = defineService(name, { tables: { heard } })
  return reader.with({
    hear: reader.on(contract, async (message, { tables }) => {
      const { length } = await tables.heard.list({ limit: 1_000 })
      tables.heard.put({ number: String(length).padStart(4, '0'), message })
    }),
    heard: reader.query(heardBy(name), async (_, { tables }) =>
      (await tables.heard.list({ limit: 1_000 })).map(({ message }) => message),
    ),
  })
}
