// The decider chain's types: what compiles, and what does not.

import { given } from '../index.ts'
import { tab } from './decider-chain.test.ts'

given(tab, [['opened', { table: 1, by: null }]])
  .when('Order', { tab: 't', drink: 'tea' }, { occurredAt: new Date(0), principal: 'ann' })
  .then([['ordered', { drink: 'tea', at: '' }], tab.make.ordered({ drink: 'tea', at: '' })])
  .andState({ open: true, drinks: new Map() })
given(tab, [['opened', { number: 1 }, { version: 1 }]]).thenState({ open: true, drinks: new Map() })

// @ts-expect-error a fact the decider does not have
given(tab, [['closed', {}]])
// @ts-expect-error data of another shape
given(tab, [['opened', { number: 1 }]])
// @ts-expect-error a command the decider does not decide on
given(tab).when('CloseTab', { tab: 't' })
// @ts-expect-error input of another shape
given(tab).when('Order', { tab: 't', drink: 4 })
// @ts-expect-error an expected fact of another shape
given(tab)
  .when('Order', { tab: 't', drink: 'tea' })
  .then([['ordered', { drink: 4, at: '' }]])
// @ts-expect-error a state of another shape
given(tab).thenState({ open: 'yes', drinks: new Map() })
