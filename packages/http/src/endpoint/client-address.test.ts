// Whose request it is behind proxies: what a caller writes itself is never believed.

import { expect, test } from 'vitest'
import { addressKey, clientAddress, isNetwork, trustedBy } from './client-address.ts'

test.each([
  ['10.0.0.7', '1.2.3.4', undefined, '10.0.0.7'],
  ['10.0.0.7', null, 1, '10.0.0.7'],
  ['10.0.0.7', '6.6.6.6, 1.2.3.4', 1, '1.2.3.4'],
  ['10.0.0.7', '6.6.6.6, 1.2.3.4, 10.0.0.8', 2, '1.2.3.4'],
  ['10.0.0.7', '1.2.3.4', 5, '1.2.3.4'],
  ['10.0.0.7', '6.6.6.6, 1.2.3.4', ['10.0.0.0/8'], '1.2.3.4'],
  ['10.0.0.7', '6.6.6.6, 1.2.3.4, 10.9.9.9', ['10.0.0.0/8'], '1.2.3.4'],
  ['10.0.0.7', '10.0.0.9', ['10.0.0.0/8'], '10.0.0.9'],
  ['9.9.9.9', '1.2.3.4', ['10.0.0.0/8'], '9.9.9.9'],
  ['::ffff:10.0.0.7', '1.2.3.4:5678', ['10.0.0.7'], '1.2.3.4'],
  ['fd00::1', '[2001:DB8::7]:443', ['fd00::/8'], '2001:db8::7'],
  ['fd00::1', 'unknown, 1.2.3.4', 3, '1.2.3.4'],
  ['10.0.0.7', 'nonsense', 1, '10.0.0.7'],
  ['10.0.0.7', '', 1, '10.0.0.7'],
  ['10.0.0.7', '1.2.3.999', ['10.0.0.7'], '10.0.0.7'],
  ['10.0.0.7', '1:2:3', 1, '10.0.0.7'],
  [undefined, '1.2.3.4', 1, undefined],
] as const)(
  'connection %s, X-Forwarded-For %j, trustProxy %j: the caller is %s',
  (socket, forwarded, trust, caller) => {
    expect(clientAddress(socket, forwarded, trust && trustedBy(trust))).toBe(caller)
  },
)

test('callers are counted by IPv4 address, and by /64 network of IPv6', () => {
  expect(addressKey('::ffff:1.2.3.4')).toBe('1.2.3.4')
  expect(addressKey('2001:db8:1:2:3::4')).toBe(addressKey('2001:db8:1:2:ffff::9'))
  expect(addressKey('2001:db8:1:2::4')).not.toBe(addressKey('2001:db8:1:3::4'))
})

test.each([
  ['10.0.0.0/8', true],
  ['::1', true],
  ['fd00::/8', true],
  ['64:ff9b::1.2.3.4', true],
  ['10.0.0.0/33', false],
  ['10.0.0', false],
  ['proxy.internal', false],
  ['1::2::3', false],
  ['', false],
])('%j is an address or a network: %s', (entry, is) => {
  expect(isNetwork(entry)).toBe(is)
})
