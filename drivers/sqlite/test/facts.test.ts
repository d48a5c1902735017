// Facts as they are read: the data at once, and where they come from when somebody asks.

import { expect, test } from 'vitest'
import { append, unit } from './processes/units.ts'
import { openEngine, temporaryFolder } from './test-engine.ts'

test('a fact tells where it comes from whenever it is asked, also after its stream and others have grown', async () => {
  const store = await (await openEngine(temporaryFolder())).openStore('orders')
  await store.commit(unit({ appends: [append('a', 0, 3)] }))
  await store.commit(unit({ appends: [append('b', 0, 2)] }))
  const ofStream = await store.readStream('order', 'a', 1, 1)
  const { facts: ofAll } = await store.readFacts({ after: '0000000000000001', limit: 3, categories: ['order'] })
  await store.commit(unit({ appends: [append('a', 3, 3), append('b', 2, 1)] }))
  const known = append('a', 0, 3).facts.map((fact, index) => ({
    ...fact,
    category: 'order',
    stream: 'a',
    streamVersion: index + 1,
    position: `000000000000000${index + 1}`,
  }))
  for (const fact of [...ofStream, ofAll[0]]) expect(fact).toMatchObject(known[1] ?? {})
  expect(ofAll[1]).toMatchObject(known[2] ?? {})
  expect(ofAll.map(({ stream, streamVersion, position }) => [stream, streamVersion, position])).toEqual([
    ['a', 2, '0000000000000002'],
    ['a', 3, '0000000000000003'],
    ['b', 1, '0000000000000004'],
  ])
  expect(ofAll[2]?.causedBy).toBe(append('b', 0, 1).facts[0]?.causedBy)
})

test('facts of other categories are not among those that were asked for', async () => {
  const store = await (await openEngine(temporaryFolder())).openStore('orders')
  await store.commit(
    unit({ appends: [append('a', 0, 1), { ...append('x', 0, 1), category: 'cart' }, append('b', 0, 1)] }),
  )
  const { facts, next } = await store.readFacts({ after: '', limit: 9, categories: ['order'] })
  expect(facts.map(({ stream, correlationId }) => [stream, correlationId])).toEqual(
    ['a', 'b'].map((stream) => [stream, append(stream, 0, 1).facts[0]?.correlationId]),
  )
  expect(next).toBe('0000000000000003')
})
