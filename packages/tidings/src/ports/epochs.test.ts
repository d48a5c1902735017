// Restores of restores: what each epoch has in common with what is there now.

import { expect, test } from 'vitest'
import { epochsAfterRestore } from './epochs.ts'

const at = (position: number) => String(position).padStart(16, '0')

test('a first restore names the epoch of the backup', () => {
  const backup = { epoch: 'a', earlierEpochs: [] }
  expect(epochsAfterRestore(backup, at(5), { epoch: 'a', earlierEpochs: [] })).toEqual([{ epoch: 'a', upTo: at(5) }])
  expect(epochsAfterRestore(backup, '', undefined)).toEqual([{ epoch: 'a', upTo: '' }])
})

test('the same backup again: the epoch in between has in common what the backup had', () => {
  const replaced = { epoch: 'b', earlierEpochs: [{ epoch: 'a', upTo: at(5) }] }
  expect(epochsAfterRestore({ epoch: 'a', earlierEpochs: [] }, at(5), replaced)).toEqual([
    { epoch: 'a', upTo: at(5) },
    { epoch: 'b', upTo: at(5) },
  ])
})

test('an older backup, and a later one: the least that was kept', () => {
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

test('a store that has nothing to do with the backup has nothing in common with it', () => {
  expect(epochsAfterRestore({ epoch: 'a', earlierEpochs: [] }, at(3), { epoch: 'z', earlierEpochs: [] })).toEqual([
    { epoch: 'a', upTo: at(3) },
    { epoch: 'z', upTo: '' },
  ])
})
