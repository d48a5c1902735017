// P5, for whatever JavaScript can throw: undefined, proxies, getters that throw, errors without a stack. Only the event's key is affected.

import { reject, TidingsError } from 'tidings'
import { deferredEvents } from 'tidings/operations'
import { expect } from 'vitest'
import type { EngineKind } from './setup/engines.ts'
import { brokenPromise, promise } from './setup/promise-test.ts'
import { createWorld } from './setup/world.ts'
import { deferredLetters, deskWith, lettersRead, post, sendLetters } from './systems/letters.ts'

function hostile(...names: readonly string[]): Error {
  const error = new Error('hostile')
  for (const name of names)
    Object.defineProperty(error, name, {
      get: () => {
        throw new Error(`no ${name} for you`)
      },
    })
  return error
}

const traps = new Proxy(
  {},
  {
    get: () => () => {
      throw hostile('message', 'stack')
    },
  },
) as ProxyHandler<Error>

function withStack(stack: unknown): Error {
  return Object.assign(new Error('odd stack'), { stack })
}

const revoked = Proxy.revocable(new Error('gone'), {})
revoked.revoke()

const selfCaused = new Error('caused by itself')
selfCaused.cause = selfCaused

/** What user code may throw, and what is kept of it. */
const odd: Readonly<Record<string, { readonly thrown: unknown; readonly code?: string; readonly message: string }>> = {
  undefined: { thrown: undefined, message: 'It threw undefined, which is not an error.' },
  null: { thrown: null, message: 'It threw null, which is not an error.' },
  'a text': { thrown: 'card 4711', message: 'It threw a text, which is not an error: card 4711.' },
  'a symbol': { thrown: Symbol('s'), message: 'It threw a symbol, which is not an error.' },
  'a bigint': { thrown: 1n, message: 'It threw a bigint, which is not an error.' },
  'a function': { thrown: () => {}, message: 'It threw a value of type function, which is not an error.' },
  'an object without a prototype': {
    thrown: Object.create(null),
    message: 'It threw a value of type object, which is not an error.',
  },
  'a promise': {
    thrown: Promise.resolve(1),
    message: 'It threw a promise, which is not an error; put `await` before it.',
  },
  'an error without a stack': { thrown: withStack(null), message: 'Error: odd stack' },
  'an error whose stack is an array': { thrown: withStack(['at home']), message: 'Error: odd stack' },
  'an error that caused itself': { thrown: selfCaused, message: 'Error: caused by itself' },
  'an error whose getters throw': {
    thrown: hostile('stack', 'message', 'name', 'cause', 'constructor', 'code', 'kind'),
    message: 'It threw an error whose name or message cannot be read.',
  },
  'a TidingsError whose getters throw': {
    thrown: Object.defineProperty(new TidingsError('INVALID_KEY', 'x', { cause: revoked.proxy }), 'message', {
      get: () => {
        throw new Error('no')
      },
    }),
    code: 'INVALID_KEY',
    message: 'a value of type undefined',
  },
  'a proxy whose traps throw': {
    thrown: new Proxy(new Error('x'), traps),
    message: 'It threw a value of type object, which is not an error.',
  },
  'a revoked proxy': { thrown: revoked.proxy, message: 'It threw a value of type object, which is not an error.' },
  'a proxy that says yes to everything': {
    thrown: new Proxy({}, { get: () => true }),
    message: 'It threw a value of type object, which is not an error.',
  },
  'an error without a message': { thrown: new RangeError(), message: 'RangeError, without a message' },
  'a rejection': {
    thrown: reject('too-late', 'It is too late.'),
    code: 'HANDLER_REJECTED',
    message: 'It was rejected: too-late: It is too late.',
  },
}

async function onlyItsKey(kind: EngineKind, thrown: unknown, kept: object, swallow = false): Promise<void> {
  const limits = { attemptsMax: 2, retryDelayMs: 10 }
  const onLetter = ({ to }: { readonly to: string }) => {
    if (to === 'a' && !swallow) throw thrown
  }
  const world = await createWorld(kind, [post, deskWith({ limits, onLetter })])
  await sendLetters(world, 'a1', 'b1', 'a2', 'c1')
  await world.settle()
  await sendLetters(world, 'b2')
  await world.settle()
  expect(await lettersRead(world), 'all others flow').toEqual({ b: [1, 2], c: [1] })
  expect(deferredLetters(world)).toEqual(['a@1 parked', 'a@3 blocked'])
  expect(deferredEvents(world.system.service('desk'))[0]?.error).toMatchObject(kept)
  await world.close()
}

for (const [what, { thrown, code = 'HANDLER_FAILED', message }] of Object.entries(odd))
  promise('P5', `a handler that throws ${what} holds only its own key [trap: poison]`, (kind) =>
    onlyItsKey(kind, thrown, { code, message }),
  )

async function withChangedStacks(kind: EngineKind, swallow = false): Promise<void> {
  const before = Error.prepareStackTrace
  try {
    Error.prepareStackTrace = () => {
      throw new Error('no stacks here')
    }
    await onlyItsKey(kind, new Error('no stack to be had'), { message: 'Error: no stack to be had' }, swallow)
    Error.prepareStackTrace = (_, sites) => sites
    await onlyItsKey(kind, new Error('call sites'), { message: 'Error: call sites' }, swallow)
  } finally {
    Error.prepareStackTrace = before
  }
}

promise(
  'P5',
  'an error holds only its own key if a library has changed how stacks are written [trap: poison]',
  (kind) => withChangedStacks(kind),
)
brokenPromise('P5', 'a service that swallows odd errors', (kind) => withChangedStacks(kind, true))
