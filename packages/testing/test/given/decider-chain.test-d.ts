// The decider chain's types: what compiles, and what does not.

import { given } from '../../src/index.ts'
import { tab } from '../systems/tab.ts'

const tea = { tab: 't', drink: 'tea' }
const open = { open: true, drinks: new Map<string, number>() }

given(tab, [['opened', { table: 1, by: null }]])
  .when('Order', tea, { occurredAt: new Date(0), principal: 'ann' })
  .then([['ordered', { drink: 'tea', at: '' }], tab.make.ordered({ drink: 'tea', at: '' })])
  .andState(open)
given(tab, [['opened', { number: 1 }, { version: 1 }]]).thenState(open)

// @ts-expect-error a fact the decider does not have
void given(tab, [['closed', {}]])
// @ts-expect-error data of another shape
void given(tab, [['opened', { number: 1 }]])
// @ts-expect-error a command the decider does not decide on
void given(tab).when('CloseTab', { tab: 't' })
// @ts-expect-error input of another shape
void given(tab).when('Order', { tab: 't', drink: 4 })
const outcome = given(tab).when('Order', tea)
// @ts-expect-error an expected fact of another shape
void outcome.then([['ordered', { drink: 4, at: '' }]])
// @ts-expect-error a state of another shape
void given(tab).thenState({ open: 'yes', drinks: new Map() })
