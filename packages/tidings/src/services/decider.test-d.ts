// The types of deciders: what `decide` returns fits its command, and a state with snapshots is JSON.

import { z } from 'zod'
import { defineCommand, fact } from '../contracts/index.ts'
import { defineDecider } from './decider.ts'

const Open = defineCommand('open', { input: z.object({ id: z.string() }), key: ({ id }) => id })
const Count = defineCommand('count', {
  input: z.object({ id: z.string() }),
  output: z.object({ status: z.enum(['open', 'closed']), at: z.string().optional() }),
  key: ({ id }) => id,
})
const facts = { opened: fact(z.object({ id: z.string() })) }

interface Account {
  readonly owner: string | null
  readonly lines: readonly { readonly text: string; readonly note?: string }[]
  readonly byId: Readonly<Record<string, number>>
  readonly parent?: Account
}

export const rightUse = defineDecider('account', {
  commands: { Open, Count },
  facts,
  initialState: (): Account => ({ owner: null, lines: [], byId: {} }),
  decide: {
    Open: ({ id }, { owner }, { facts, reject }) => (owner === null ? facts.opened({ id }) : reject('no', 'No.')),
    Count: ({ id }, { owner }, { facts, answer, newId, reject }) => {
      if (owner === null) return reject('none', 'There is none.')
      return answer({ status: 'open', at: newId() }, [facts.opened({ id })])
    },
  },
  evolve: { opened: (state, { id }) => ({ ...state, owner: id }) },
  snapshot: { every: 10, version: 1 },
})

export const withoutSnapshots = defineDecider('account', {
  commands: { Open },
  facts,
  initialState: () => ({ seen: new Set<string>(), at: new Date(0) }),
  decide: { Open: ({ id }, _, { facts }) => facts.opened({ id }) },
  evolve: { opened: ({ at, seen }, { id }) => ({ at, seen: new Set(seen).add(id) }) },
})

defineDecider('account', {
  commands: { Count },
  facts,
  initialState: () => ({}),
  decide: {
    // @ts-expect-error: the command has an output, so facts alone are no answer
    Count: ({ id }, _, { facts }) => facts.opened({ id }),
  },
  evolve: { opened: (state) => state },
})

defineDecider('account', {
  commands: { Count },
  facts,
  initialState: () => ({}),
  decide: {
    // @ts-expect-error: the answer does not fit the command's output
    Count: (_, __, { answer }) => answer({ status: 'ajar' }),
  },
  evolve: { opened: (state) => state },
})

defineDecider('account', {
  commands: { Open },
  facts,
  initialState: () => ({}),
  decide: {
    // @ts-expect-error: the command has no output
    Open: (_, __, { answer }) => answer({ status: 'open' }),
  },
  evolve: { opened: (state) => state },
})

defineDecider('account', {
  commands: { Open },
  facts,
  initialState: () => ({ seen: new Map<string, number>() }),
  decide: { Open: ({ id }, _, { facts }) => facts.opened({ id }) },
  evolve: { opened: (state) => state },
  // @ts-expect-error: a state with snapshots must be JSON, and this one holds a Map
  snapshot: { every: 10, version: 1 },
})

defineDecider('account', {
  commands: { Open },
  facts,
  initialState: () => ({ lines: [{ at: new Date(0) }] }),
  decide: { Open: ({ id }, _, { facts }) => facts.opened({ id }) },
  evolve: { opened: (state) => state },
  // @ts-expect-error: a state with snapshots must be JSON, and this one holds a Date
  snapshot: { every: 10, version: 1 },
})
