// The slots of keys: what they are is written down, because positions at rest depend on it.

import { expect, test } from 'vitest'
import { hashOfText, isInSlots, slotCount, slotOfKey } from './slots.ts'

test.each([
  ['', 2_872_998_923, 11],
  ['a', 444_641_715, 179],
  ['order-1', 2_449_496_732, 156],
  ['order-2', 2_010_665_664, 192],
  ['019412aa-0000-7000-8000-000000000001', 1_423_532_591, 47],
  ['\u00e9', 3_136_788_073, 105],
  ['e\u0301', 2_953_235_643, 187],
  ['\u043a\u043b\u044e\u0447', 3_185_335_672, 120],
  ['\u6f22\u5b57', 920_954_693, 69],
  ['\u{1f600}', 1_787_143_206, 38],
  ['\u{10ffff}', 797_471_814, 70],
  ['a'.repeat(512), 2_777_894_043, 155],
])('the hash and the slot of %j are the same for ever', (key, hash, slot) => {
  expect(hashOfText(key)).toBe(hash)
  expect(slotOfKey(key)).toBe(slot)
  expect(isInSlots(key, { from: slot, to: slot + 1 })).toBe(true)
  expect(isInSlots(key, { from: 0, to: slot })).toBe(false)
  expect(isInSlots(key, { from: slot + 1, to: slotCount })).toBe(false)
})

test.each([
  ['numbers', (index: number) => String(index)],
  ['names with a number', (index: number) => `order-${index}`],
  ['ids that begin with the time', (index: number) => `019412aa-${index.toString(16).padStart(4, '0')}-7000-8000-0`],
  ['keys of two parts', (index: number) => `customer-${index % 100}/${Math.floor(index / 100)}`],
])('keys that are %s are spread over all slots', (_what, keyOf) => {
  const counts = Array.from({ length: slotCount }, () => 0)
  for (let index = 0; index < 256 * 200; index++) {
    const slot = slotOfKey(keyOf(index))
    counts[slot] = (counts[slot] ?? 0) + 1
  }
  // 200 for each slot on average: six standard deviations.
  expect(Math.min(...counts)).toBeGreaterThan(115)
  expect(Math.max(...counts)).toBeLessThan(285)
})
