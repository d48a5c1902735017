// Tests, systems and functions that pass junk, as plain JavaScript does by mistake: they get an error of the framework that names what was passed.
import { sqliteDriver } from '@tidings/sqlite'
import { isTidingsError } from 'tidings'
import { memoryDriver } from 'tidings/memory'
import { createSystem } from 'tidings/runtime'
import { expect, test } from 'vitest'
import { createSession, ExpectationFailed, given, inSession } from '../../src/index.ts'
import { type Call, junk, keyOf, type Plain, plain, schema } from './plain.ts'

const { defineCommand, defineService } = plain
const Command = defineCommand('do-it', { input: schema, key: keyOf })
const definition = defineService('svc')
const service = definition.with({ doIt: definition.command(Command, () => {}) })
const about = () => (given as unknown as Plain)(service) as unknown as Readonly<Record<string, Plain>>

// With the session open, since what it checks it checks when it is asked.
const asked = (ask: (session: Readonly<Record<string, Plain>>) => unknown): Promise<unknown> =>
  inSession({ services: [service as never] }, async (session) => ask(session as never))

const calls: readonly Call[] = [
  ['given', (value) => given(value as never)],
  ['when', (value) => about().when?.(value, {})],
  ['heard', (value) => about().heard?.(value, {})],
  ['tables', (value) => about().tables?.(value)],
  ['replicas', (value) => about().replicas?.(value)],
  ['options of a session', (value) => createSession(value as never)],
  ['services of a session', (value) => createSession({ services: value as never })],
  ['a service of a session', (value) => createSession({ services: [value as never] })],
  ['the body of a session', (value) => inSession({ services: [] }, value as never)],
  ['a command of a session', (value) => asked((session) => session.command?.('svc', value, {}))],
  ['a query of a session', (value) => asked((session) => session.query?.(value, {}))],
  ['an event of a session', (value) => asked((session) => session.publish?.(value, {}))],
  ['options of a system', (value) => createSystem(value as never)],
  ['services of a system', (value) => createSystem({ services: value, driver: memoryDriver() } as never)],
  ['the driver of a system', (value) => createSystem({ services: [], environment: {}, driver: value } as never)],
  ['options of the SQLite driver', (value) => sqliteDriver(value as never)],
  ['the directory of the SQLite driver', (value) => sqliteDriver({ directory: value as never })],
]

const { 'a hostile object': _, ...values } = junk

const badlyRefused = async (call: Call[1], value: unknown): Promise<string | undefined> => {
  try {
    await call(value)
    return undefined
  } catch (thrown) {
    const good = isTidingsError(thrown) || thrown instanceof ExpectationFailed || thrown === values['a function']
    return good ? undefined : String(thrown)
  }
}

test.each(calls)('junk is refused with a sentence: %s', async (_name, call) => {
  for (const [name, value] of Object.entries(values)) {
    if (name === 'a function' && _name === 'the body of a session') continue
    expect(await badlyRefused(call, value), name).toBeUndefined()
  }
})

test.each([
  ['publish', /^What .* publishes must be an event, but it is undefined\.$/],
  ['execute', /^What .* executes must be a command, but it is undefined\.$/],
  ['request', /^What .* requests must be an effect, but it is undefined\.$/],
])('a function that calls %s with the undefined of a circle of imports is told so', async (member, message) => {
  const broken = defineService('broken')
  const misused = broken.with({
    doIt: broken.command(Command, async (_input: unknown, context: Readonly<Record<string, Plain>>) => {
      await context[member]?.(undefined, {})
    }),
  })
  await inSession({ services: [misused as never] }, async (session) => {
    const failed = session.command('broken', Command as never, { id: 'a' } as never)
    await expect(failed).rejects.toThrow(message)
  })
})
