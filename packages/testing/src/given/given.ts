// `given`: the one word that every test of a part begins with.

import type { Decider } from 'tidings'
import { type DeciderGiven, givenDecider } from './decider-chain.ts'
import type { GivenFact } from './given-fact.ts'

/** A decider with a history of facts: `given(order, [['placed', { … }]]).when('PayOrder', { … }).then([['paid', { … }]])`. */
export function given<D extends Decider>(decider: D, facts: readonly GivenFact<D>[] = []): DeciderGiven<D> {
  return givenDecider(decider, facts)
}
