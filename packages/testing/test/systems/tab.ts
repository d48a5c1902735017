// A decider for the kit's own tests: the tab of a table in a café.

import { defineCommand, defineDecider, fact } from 'tidings'
import { z } from 'zod'

const OpenTab = defineCommand('open-tab', { input: z.object({ tab: z.string(), table: z.int() }), key: (c) => c.tab })
const Order = defineCommand('order-drink', {
  input: z.object({ tab: z.string(), drink: z.string() }),
  key: (c) => c.tab,
})

export const tab = defineDecider('tab', {
  commands: { OpenTab, Order },
  facts: {
    opened: fact(z.object({ number: z.int() })).version(
      2,
      z.object({ table: z.int(), by: z.string().nullable() }),
      (v1) => ({
        table: v1.number,
        by: null,
      }),
    ),
    ordered: fact(z.object({ drink: z.string(), at: z.string() })),
  },
  initialState: () => ({ open: false, drinks: new Map<string, number>() }),
  decide: {
    OpenTab: (command, state, { facts, reject, principal }) =>
      state.open
        ? reject('already-open', 'The tab is open.', { tab: command.tab })
        : facts.opened({ table: command.table, by: principal?.id ?? null }),
    Order: (command, state, { facts, occurredAt }) =>
      state.open ? [facts.ordered({ drink: command.drink, at: occurredAt.toISOString() })] : undefined,
  },
  evolve: {
    opened: (state) => ({ ...state, open: true }),
    ordered: (state, { drink }) => ({
      ...state,
      drinks: new Map(state.drinks).set(drink, (state.drinks.get(drink) ?? 0) + 1),
    }),
  },
})
