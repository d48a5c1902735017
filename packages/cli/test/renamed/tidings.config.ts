// A sender and its reader. The sender is called `post`, or what NAME says; WAS is the name that it had before.

import { defineConfig } from '@tidings/node'
import { sqliteDriver } from '@tidings/sqlite'
import { defineCommand, defineEvent, defineQuery, defineService, defineTable } from 'tidings'
import { z } from 'zod'

const { NAME: owner = 'post', WAS: was } = process.env
const letter = z.object({ number: z.number() })
const LetterSent = defineEvent('test.letter-sent', { owner, pattern: 'notification' })
  .version(1, letter)
  .key(() => 'all')
const Send = defineCommand('send', { expose: true, input: letter })
const Read = defineQuery('read', {
  owner: 'reader',
  expose: true,
  input: z.object({}),
  output: z.object({ numbers: z.array(z.number()) }),
})
const read = defineTable('read')
  .version(1, z.object({ id: z.string(), numbers: z.array(z.number()) }))
  .key(({ id }) => id)

const sender = defineService(owner, { publishes: [LetterSent], ...(was === undefined ? {} : { was }) })
const reader = defineService('reader', { tables: { read } })

export default defineConfig({
  name: 'renamed',
  services: [
    sender.with({
      send: sender.command(Send, { publishes: [LetterSent] }, (data, { publish }) => publish(LetterSent, data)),
    }),
    reader.with({
      hear: reader.on(LetterSent, async ({ number }, { tables }) => {
        const before = await tables.read.get('all')
        tables.read.put({ id: 'all', numbers: [...(before?.numbers ?? []), number] })
      }),
      read: reader.query(Read, async (_input, { tables }) => ({
        numbers: (await tables.read.get('all'))?.numbers ?? [],
      })),
    }),
  ],
  engine: ({ directory, log }) => sqliteDriver({ directory, durability: 'process-crash', log }),
  http: { port: 0 },
})
