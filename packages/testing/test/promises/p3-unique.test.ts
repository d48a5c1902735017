// P3 for values that may occur once: of two that write the same value, at the same moment or not, one takes effect, on every engine.

import fc from 'fast-check'
import { deferredEvents, redrive } from 'tidings/operations'
import { expect } from 'vitest'
import type { EngineKind } from './setup/engines.ts'
import { brokenPromise, promise } from './setup/promise-test.ts'
import { type Between, createWorld, type World } from './setup/world.ts'
import { type Account, accountsWith, accountTables } from './systems/accounts.ts'
import { rowsOf } from './systems/fulfilment.ts'

type Answer = { readonly accepted: boolean; readonly output?: unknown; readonly rejection?: { readonly code: string } }

async function openAccounts(kind: EngineKind, table = accountTables.unique(), between: Between = {}) {
  const world: World = await createWorld(kind, accountsWith(table), between)
  const send = (name: string, input: unknown) =>
    world.run(world.system.service('accounts').command(name, input)) as Promise<Answer>
  return {
    world,
    send,
    write: async (put: readonly Account[], remove: readonly string[] = []): Promise<string> => {
      const answer = await send('write', { put, remove })
      return answer.accepted ? 'accepted' : (answer.rejection?.code ?? '')
    },
    invite: (accounts: readonly Account[]) =>
      world.run(world.system.service('invitations').command('invite', { accounts })),
  }
}

// Every reservation is that of a row, and every row with values has its own.
async function expectExact(world: World): Promise<void> {
  const accounts = (await rowsOf(world, 'accounts', 'accounts')) as unknown as Account[]
  const wanted: string[] = []
  for (const { id, email, tenant, seat } of accounts) {
    if (email !== null && email !== undefined) wanted.push(`email/${JSON.stringify(email)} ${id}`)
    if (tenant !== undefined && seat !== undefined) wanted.push(`tenant,seat/${JSON.stringify([tenant, seat])} ${id}`)
  }
  const { store } = world.system.service('accounts')
  const kept = await store.find({ table: 'accounts.unique', limit: 1_000 })
  const reserved = kept.filter(({ key }) => key.includes('/')).map(({ key, json }) => `${key} ${JSON.parse(json)}`)
  expect(reserved.sort()).toEqual(wanted.sort())
}

async function onlyOneOfMany(kind: EngineKind, between: Between = {}): Promise<void> {
  const { world, write } = await openAccounts(kind, accountTables.unique(), between)
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => write([{ id: `a${index}`, email: 'alice@example.org' }])),
  )
  expect(answers.filter((answer) => answer === 'accepted')).toHaveLength(1)
  expect(new Set(answers)).toEqual(new Set(['accepted', 'email-in-use']))
  expect(await rowsOf(world, 'accounts', 'accounts')).toHaveLength(1)
  await expectExact(world)
  await world.close()
}

promise(
  'P3',
  'of twenty commands at once that write one unique value, one is accepted and the others are rejected by name [trap: unique-race]',
  (kind) => onlyOneOfMany(kind),
)
brokenPromise('P3', 'an engine that does not check whether a value was reserved meanwhile', (kind) =>
  onlyOneOfMany(kind, {
    spoil: (unit) => ({ ...unit, checks: unit.checks.filter(({ table }) => table !== 'accounts.unique') }),
  }),
)

promise(
  'P3',
  'a unique value is free again when its row is changed or removed; absent values, and 1 and "1", do not collide',
  async (kind) => {
    const { world, send, write } = await openAccounts(kind)
    expect(
      await write([
        { id: 'a', email: 'x' },
        { id: 'b', email: 'y' },
      ]),
    ).toBe('accepted')
    expect(await write([{ id: 'c', email: 'x' }])).toBe('email-in-use')
    expect(await write([{ id: 'a', email: 'z' }])).toBe('accepted')
    expect(await write([{ id: 'c', email: 'x' }])).toBe('accepted')
    // The rows that a function leaves behind count, whatever order it writes in.
    expect(
      await write([
        { id: 'a', email: 'y' },
        { id: 'b', email: 'z' },
      ]),
      'a swap',
    ).toBe('accepted')
    expect(await write([{ id: 'd', email: 'y' }], ['a']), 'taken over from a removed row').toBe('accepted')
    expect(
      await write([
        { id: 'e', email: 'w' },
        { id: 'f', email: 'w' },
      ]),
    ).toBe('email-in-use')
    expect(
      await write([
        { id: 'e', email: 'w' },
        { id: 'e', email: 'v' },
        { id: 'f', email: 'w' },
      ]),
    ).toBe('accepted')
    expect(await write([{ id: 'n1', email: null }, { id: 'n2', email: null }, { id: 'n3' }])).toBe('accepted')
    expect(
      await write([
        { id: 'k1', email: 1 },
        { id: 'k2', email: '1' },
        { id: 'k3', email: true },
      ]),
    ).toBe('accepted')
    expect(
      await write([
        { id: 's1', tenant: 't', seat: 1 },
        { id: 's2', tenant: 't', seat: 2 },
      ]),
    ).toBe('accepted')
    expect(await write([{ id: 's3', tenant: 't', seat: 2 }])).toBe('tenant-seat-taken')
    expect(
      await write([
        { id: 's3', tenant: 't' },
        { id: 's4', tenant: 't' },
      ]),
      'one of the fields is absent',
    ).toBe('accepted')
    expect(await write([{ id: 'l', email: 'l'.repeat(510) }])).toBe('accepted')
    expect(await write([{ id: 'm', email: 'l'.repeat(511) }]), 'a caller who sends more is told no').toBe(
      'email-too-long',
    )
    // A command within another gets the rejection as a value, and the other may go on.
    const registered = await send('register', {
      accounts: [
        { id: 'r', email: 'r' },
        { id: 'q', email: 'r' },
        { id: 'r', email: 'r' },
      ],
    })
    expect(registered.output).toEqual(['registered', 'email-in-use', 'registered'])
    await expectExact(world)
    await world.close()
  },
)

promise(
  'P5',
  'an event whose handler writes a taken value is parked alone, and redriven when the value is free',
  async (kind) => {
    const { world, write, invite } = await openAccounts(kind)
    await write([{ id: 'z', email: 'e7' }])
    await invite(Array.from({ length: 12 }, (_, index) => ({ id: `i${index}`, email: `e${index}` })))
    await invite([{ id: 'i12', email: 'e3' }])
    await world.settle()
    const accounts = world.system.service('accounts')
    const parked = await deferredEvents(accounts)
    expect(parked.map(({ key, state, error }) => `${key} ${state} ${error?.code}`).sort()).toEqual([
      'i12 parked HANDLER_REJECTED',
      'i7 parked HANDLER_REJECTED',
    ])
    expect(parked[0]?.error?.message).toContain('email-in-use')
    expect(await rowsOf(world, 'accounts', 'accounts')).toHaveLength(12)
    await write([], ['z'])
    await world.run(redrive(accounts, {}, { dryRun: false }))
    await world.settle()
    expect((await deferredEvents(accounts)).map(({ key }) => key)).toEqual(['i12'])
    await expectExact(world)
    await world.close()
  },
)

promise(
  'P8',
  'a field that becomes unique: clean rows are reserved at the start, duplicates stop it and are named',
  async (kind) => {
    const { world, write } = await openAccounts(kind, accountTables.plain())
    const start = async (table: ReturnType<typeof accountTables.plain>) =>
      world.restart(accountsWith(table)).then(
        () => 'started',
        (error: { code?: string; message?: string }) => `${error.code}: ${error.message}`,
      )
    const many = Array.from({ length: 2_500 }, (_, index) => ({
      id: `m${String(index).padStart(4, '0')}`,
      email: `m${index}`,
    }))
    for (let from = 0; from < many.length; from += 500) await write(many.slice(from, from + 500))
    await write([{ id: 'a', email: 'x' }, { id: 'b', email: 'X' }, { id: 'n1' }, { id: 'n2', email: null }])
    expect(await start(accountTables.unique())).toBe('started')
    expect(await write([{ id: 'c', email: 'x' }])).toBe('email-in-use')
    expect(await write([{ id: 'c', email: 'm2499' }])).toBe('email-in-use')
    expect(await write([{ id: 'a', email: 'y' }])).toBe('accepted')
    // While it is not unique, anything may be written; what was reserved then says nothing.
    expect(await start(accountTables.plain())).toBe('started')
    expect(
      await write([
        { id: 'd', email: 'X' },
        { id: 'm2400', email: 'y' },
      ]),
    ).toBe('accepted')
    const refused = await start(accountTables.unique())
    expect(refused).toMatch(
      /^DUPLICATE_VALUES: Table accounts of accounts .* 2 values, in the rows .*b and d \(email\)/,
    )
    expect(refused).toContain('a and m2400 (email)')
    expect(refused, 'values may be personal data').not.toContain('"X"')
    expect(await start(accountTables.plain())).toBe('started')
    expect(await write([{ id: 'd', email: 'd' }], ['m2400'])).toBe('accepted')
    expect(await start(accountTables.unique())).toBe('started')
    expect(await write([{ id: 'e', email: 'd' }])).toBe('email-in-use')
    expect(await write([{ id: 'e', email: 'm2400' }])).toBe('accepted')
    await world.close()
  },
)

promise('P8', 'a unique value is that of the row as the newest version of its schema shows it', async (kind) => {
  const { world, write } = await openAccounts(kind)
  await write([
    { id: 'a', email: 'Alice' },
    { id: 'b', email: 'Bob' },
  ])
  await world.restart(accountsWith(accountTables.lowerCase()))
  expect(await write([{ id: 'c', email: 'alice' }])).toBe('email-in-use')
  expect(await write([{ id: 'c', email: 'Alice' }]), 'as it is written').toBe('accepted')
  // A row of version 1 that is replaced releases the value that version 2 shows.
  expect(await write([{ id: 'a', email: 'anna' }])).toBe('accepted')
  expect(await write([{ id: 'd', email: 'alice' }])).toBe('accepted')
  expect(await write([{ id: 'e', email: 'bob' }])).toBe('email-in-use')
  await world.close()
})

promise('P1', 'a start that is killed anywhere while it reserves values leaves none out', async (kind) => {
  for (let at = 1; at <= 6; at++) {
    let armed = false
    let seen = 0
    const between: Between = {
      beforeCommit: ({ service }, kill) => {
        if (armed && service === 'accounts' && ++seen === at) {
          armed = false
          kill()
        }
      },
    }
    const { world, write } = await openAccounts(kind, accountTables.plain(), between)
    await write(Array.from({ length: 1_500 }, (_, index) => ({ id: `a${index}`, email: `e${index}` })))
    armed = true
    await world.restart(accountsWith(accountTables.unique()))
    for (const email of ['e0', 'e999', 'e1499']) expect(await write([{ id: 'new', email }])).toBe('email-in-use')
    await expectSize(world, 1_500)
    await world.close()
  }
})

async function expectSize(world: World, count: number): Promise<void> {
  expect(await world.system.service('accounts').store.count('accounts.unique')).toBe(count + 1)
}

const ids = fc.constantFrom('a', 'b', 'c', 'd')
const anyAccount: fc.Arbitrary<Account> = fc.record(
  { id: ids, email: fc.constantFrom('x', 'y', 'z', null), tenant: fc.constant('t'), seat: fc.constantFrom(1, 2) },
  { requiredKeys: ['id'] },
)
const anyWrite = fc.record({
  put: fc.array(anyAccount, { maxLength: 3 }),
  remove: fc.array(ids, { maxLength: 1 }),
  how: fc.constantFrom('write', 'register', 'invite'),
})

promise(
  'P3',
  'whatever commands and events write at once, no value occurs twice, and what is reserved is what rows have',
  async (kind) => {
    const { world, send, invite } = await openAccounts(kind)
    await fc.assert(
      fc.asyncProperty(fc.array(anyWrite, { minLength: 1, maxLength: 8 }), async (writes) => {
        await Promise.all(
          writes.map(({ put, remove, how }) => {
            if (how === 'write') return send('write', { put, remove })
            return how === 'register' ? send('register', { accounts: put }) : invite(put)
          }),
        )
        await world.settle()
        const accounts = (await rowsOf(world, 'accounts', 'accounts')) as unknown as Account[]
        const emails = accounts.flatMap(({ email }) => (email === null || email === undefined ? [] : [email]))
        expect(new Set(emails).size).toBe(emails.length)
        await expectExact(world)
      }),
      { numRuns: kind.name === 'SQLite' ? 20 : 40 },
    )
    await world.close()
  },
)
