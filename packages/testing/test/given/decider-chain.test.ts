// A decider under test: what the chain accepts and refuses, and its message if an expectation fails.

import { TidingsError } from 'tidings'
import { describe, expect, test } from 'vitest'
import { anything, given } from '../../src/index.ts'
import { tab } from '../systems/tab.ts'

const opened = ['opened', { table: 3, by: null }] as const
const messageOf = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    return (error as Error).message
  }
  return 'nothing was thrown'
}

describe('a decider', () => {
  test('decides facts from given ones', () => {
    given(tab, [opened])
      .when('Order', { tab: 't', drink: 'tea' }, { occurredAt: new Date('2026-03-01T10:00:00Z') })
      .then([['ordered', { drink: 'tea', at: '2026-03-01T10:00:00.000Z' }]])
      .andState({ open: true, drinks: new Map([['tea', 1]]) })
  })
  test('knows who sent the command', () => {
    given(tab)
      .when('OpenTab', { tab: 't', table: 3 }, { principal: 'ann' })
      .then([['opened', { table: 3, by: 'ann' }]])
  })
  test('may decide nothing, or say no', () => {
    given(tab).when('Order', { tab: 't', drink: 'tea' }).thenNothing()
    given(tab, [opened]).when('OpenTab', { tab: 't', table: 4 }).thenRejected('already-open', { tab: 't' })
  })
  test('takes facts made with `make`, and matchers', () => {
    const make = tab.make.opened({ table: 3, by: null })
    given(tab, [make])
      .when('Order', { tab: 't', drink: 'tea' })
      .then([['ordered', { drink: 'tea', at: anything }]])
  })
  test('upcasts old facts', () => {
    given(tab, [['opened', { number: 7 }, { version: 1 }]]).thenState({ open: true, drinks: new Map() })
  })
})

describe('what the chain says', () => {
  test('other facts: the difference', () => {
    const message = messageOf(() =>
      given(tab)
        .when('OpenTab', { tab: 't', table: 3 })
        .then([['opened', { table: 4, by: null }]]),
    )
    expect(message).toBe(
      'OpenTab led to other facts of tab than expected.\n\n- expected\n+ found\n\n- [["opened", { by: null, table: 4 }]]\n+ [["opened", { by: null, table: 3 }]]',
    )
  })
  test('a rejection where facts were expected, and facts where a rejection was', () => {
    expect(messageOf(() => given(tab, [opened]).when('OpenTab', { tab: 't', table: 3 }).then([opened]))).toBe(
      'OpenTab was rejected (already-open: The tab is open.), but the test expects facts.',
    )
    expect(messageOf(() => given(tab).when('OpenTab', { tab: 't', table: 3 }).thenRejected('already-open'))).toContain(
      'OpenTab was accepted, but the test expects the rejection already-open.',
    )
  })
  test('a bad input, a bad fact, an unknown command: what the runtime would say', () => {
    expect(() => given(tab).when('OpenTab', { tab: 't', table: 0.5 })).toThrow(TidingsError)
    expect(() => given(tab, [['opened', { table: 'x' as never, by: null }]])).toThrow('Fact opened of tab is not valid')
    expect(() => given(tab).when('CloseTab' as never, {} as never)).toThrow('Decider tab has no command "CloseTab".')
  })
  test('an await in the wrong place', async () => {
    const awaited = async () => await (given(tab).when('OpenTab', { tab: 't', table: 3 }) as unknown as Promise<void>)
    await expect(awaited()).rejects.toThrow('continue with .then(…)')
  })
})
