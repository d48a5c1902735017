// Repeated restores: which events each earlier epoch shares with the restored store.

import { expect, test } from 'vitest'
import { epochsAfterRestore } from './epochs.ts'

const at = (position: number) => String(position).padStart(16, '0')

test('a first restore names the epoch of the backup', () => {
  const backup = { epoch: 'a', earlierEpochs: [] }
  expect(epochsAfterRestore(backup, at(5), { epoch: 'a', earlierEpochs: [] })).toEqual([{ epoch: 'a', upTo: at(5) }])
  expect(epochsAfterRestore(backup, '', undefined)).toEqual([{ epoch: 'a', upTo: '' }])
})

test('the same backup again: the epoch in between shares the events of the backup', () => {
  const replaced = { epoch: 'b', earlierEpochs: [{ epoch: 'a', upTo: at(5) }] }
  expect(epochsAfterRestore({ epoch: 'a', earlierEpochs: [] }, at(5), replaced)).toEqual([
    { epoch: 'a', upTo: at(5) },
    { epoch: 'b', upTo: at(5) },
  ])
})

test('an older backup, then a later one: an epoch shares the least that was kept', () => {
  const replaced = {
    epoch: 'c',
    earlierEpochs: [
      { epoch: 'a', upTo: at(7) },
      { epoch: 'b', upTo: at(9) },
    ],
  }
  expect(epochsAfterRestore({ epoch: 'a', earlierEpochs: [] }, at(3), replaced)).toEqual([
    { epoch: 'a', upTo: at(3) },
    { epoch: 'b', upTo: at(3) },
    { epoch: 'c', upTo: at(3) },
  ])
  const backup = { epoch: 'b', earlierEpochs: [{ epoch: 'a', upTo: at(7) }] }
  expect(epochsAfterRestore(backup, at(12), replaced)).toEqual([
    { epoch: 'a', upTo: at(7) },
    { epoch: 'b', upTo: at(12) },
    { epoch: 'c', upTo: at(9) },
  ])
})

test('a store that is unrelated to the backup shares nothing with it', () => {
  expect(epochsAfterRestore({ epoch: 'a', earlierEpochs: [] }, at(3), { epoch: 'z', earlierEpochs: [] })).toEqual([
    { epoch: 'a', upTo: at(3) },
    { epoch: 'z', upTo: '' },
  ])
})
