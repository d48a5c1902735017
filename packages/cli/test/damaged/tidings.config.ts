// One service with a stream of facts.

import { defineConfig } from '@tidings/node'
import { sqliteDriver } from '@tidings/sqlite'
import { defineCommand, defineDecider, defineService, fact } from 'tidings'
import { z } from 'zod'

const payment = z.object({ id: z.string(), cents: z.number() })
const Pay = defineCommand('pay', { expose: true, input: payment, key: ({ id }) => id })
const account = defineDecider('account', {
  commands: { Pay },
  facts: { paid: fact(payment) },
  initialState: () => ({ cents: 0 }),
  decide: { Pay: (data, _state, { facts }) => facts.paid(data) },
  evolve: { paid: (state, { cents }) => ({ cents: state.cents + cents }) },
})
const bank = defineService('bank')

export default defineConfig({
  name: 'damaged',
  services: [bank.with({ accounts: bank.decider(account) })],
  engine: ({ directory, log }) => sqliteDriver({ directory, durability: 'process-crash', log }),
  http: { port: 0 },
})
