// Steps of `evolve` get the metadata of their fact however they take it.

import { expect, test } from 'vitest'
import type { StoredFact } from '../../ports/index.ts'
import type { Decider, FactMeta } from '../../services/index.ts'
import { evolve, factMeta } from './load-stream.ts'

const fact: StoredFact = {
  category: 'order',
  stream: 'o-1',
  streamVersion: 3,
  position: '0000000000000007',
  type: 'placed',
  version: 1,
  data: '{"cents":5}',
  occurredAt: 1_000,
  recordedAt: 2_000,
  correlationId: 'talk',
  causationId: 'command',
  causedBy: 'command/place',
  principal: 'mo',
  tenant: null,
}

function evolvedBy(step: Decider['evolve'][string]): unknown {
  const chain = { latest: { version: 1 } }
  return evolve(
    { name: 'order', facts: { placed: { chain } }, evolve: { placed: step } } as unknown as Decider,
    0,
    fact,
  )
}

test('a step that names the metadata gets a plain object', () => {
  expect(evolvedBy((_state, _data, meta) => meta)).toEqual(factMeta(fact))
})

test('a step gets the metadata through rest parameters and default values, too', () => {
  const members = Object.keys(factMeta(fact)) as (keyof FactMeta)[]
  const taken = evolvedBy((...given: [never, never, FactMeta]) => given[2]) as FactMeta
  for (const member of members) expect(taken[member]).toEqual(factMeta(fact)[member])
  expect(JSON.parse(JSON.stringify(taken))).toEqual(JSON.parse(JSON.stringify(factMeta(fact))))
  expect(evolvedBy((_state, _data, { stream, tenant } = factMeta(fact)) => [stream, tenant])).toEqual(['o-1', null])
})
