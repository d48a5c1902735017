// `members` alone: a rename keeps the identity, and the same input again publishes nothing.
import { given } from '@tidings/testing'
import { expect, test } from 'vitest'
import {
  MemberById,
  MemberChanged,
  MemberRenamed,
  Members,
  RegisterMember,
  RenameMember,
  SetQuietHours,
  TimeZone,
} from '../services/members/contract.ts'
import members from '../services/members/index.ts'

const occurredAt = new Date('2010-08-17T18:00:00Z')
const joinedAt = occurredAt.toISOString()
const ann = { memberId: 'm1', name: 'ann', timeZone: 'UTC', quietHours: { from: '22:00', to: '07:00' }, joinedAt }
const known = given(members).tables({ members: [ann] })

test('a new member gets a time zone and quiet hours, and the whole state is published', async () => {
  await given(members)
    .when(RegisterMember, { memberId: 'm1', name: '  ann ' }, { occurredAt })
    .then({ published: [[MemberChanged, ann, { occurredAt, key: 'm1' }]], tables: { members: [ann] } })
})

test('registering again changes only what is given and different', async () => {
  const berlin = { ...ann, timeZone: 'Europe/Berlin', quietHours: null }
  const inBerlin = given(members).tables({ members: [berlin] })
  await inBerlin.when(RegisterMember, { memberId: 'm1', name: 'ann' }).thenNothing()
  await inBerlin.when(RegisterMember, { memberId: 'm1', name: 'Ann' }).then({
    published: [[MemberChanged, { ...berlin, name: 'Ann' }]],
  })
  await inBerlin
    .when(RegisterMember, { memberId: 'm1', name: 'ann', quietHours: ann.quietHours })
    .then({ published: [[MemberChanged, { ...berlin, quietHours: ann.quietHours }]] })
})

test('a rename keeps the identity', async () => {
  await known.when(RenameMember, { memberId: 'm1', name: 'ann_away' }, { occurredAt }).then({
    published: [
      [MemberChanged, { ...ann, name: 'ann_away' }, { key: 'm1' }],
      [MemberRenamed, { memberId: 'm1', from: 'ann', to: 'ann_away' }, { key: 'm1', occurredAt }],
    ],
    tables: { members: [{ ...ann, name: 'ann_away' }] },
  })
  await known.when(RenameMember, { memberId: 'm1', name: 'ann' }).thenNothing()
  await known.when(RenameMember, { memberId: 'm2', name: 'ann' }).thenRejected('unknown-member')
})

test('quiet hours are set, moved to another time zone, and removed', async () => {
  const night = { from: '23:30', to: '06:00' }
  await known
    .when(SetQuietHours, { memberId: 'm1', quietHours: night, timeZone: 'America/New_York' })
    .then({ published: [[MemberChanged, { ...ann, quietHours: night, timeZone: 'America/New_York' }]] })
  await known
    .when(SetQuietHours, { memberId: 'm1', quietHours: null })
    .then({ published: [[MemberChanged, { ...ann, quietHours: null }]] })
  await known.when(SetQuietHours, { memberId: 'm1', quietHours: ann.quietHours }).thenNothing()
  await known.when(SetQuietHours, { memberId: 'm2', quietHours: null }).thenRejected('unknown-member')
})

test.each([
  ['no name', { name: '   ' }],
  ['a name of 65 characters', { name: 'x'.repeat(65) }],
  ['a line end within a name', { name: 'ann\nroot' }],
  ['a NUL in a name', { name: 'ann\u0000' }],
  ['half a character', { name: 'ann\ud83d' }],
  ['a zone of no place', { timeZone: 'Mars/Olympus' }],
  ['an offset, which knows no summer', { timeZone: '+02:00' }],
  ['an hour that no clock shows', { quietHours: { from: '24:00', to: '07:00' } }],
  ['quiet hours of no length, or of all day', { quietHours: { from: '07:00', to: '07:00' } }],
  ['an id that would break a key', { memberId: 'a/b' }],
])('the service refuses %s', async (_, wrong) => {
  await given(members)
    .when(RegisterMember, { memberId: 'm1', name: 'ann', ...wrong })
    .thenFails('INVALID_PAYLOAD')
})

test('a name is kept exactly', async () => {
  for (const name of ['<b>ann</b>', 'ann\u202Enna', '𝔞𝔫𝔫', '👩🏽‍🚀'.repeat(9), "Robert'); DROP TABLE members;--"]) {
    await given(members)
      .when(RegisterMember, { memberId: 'm1', name }, { occurredAt })
      .then({ tables: { members: [{ ...ann, name }] } })
  }
})

test('members are queried one by one, and page by page', async () => {
  const bob = { ...ann, memberId: 'm2', name: 'bob' }
  const both = given(members).tables({ members: [bob, ann] })
  await both.when(MemberById, { memberId: 'm2' }).thenAnswers(bob)
  await both.when(MemberById, { memberId: 'm3' }).thenGone()
  await both.when(Members, {}).thenAnswers([ann, bob])
  await both.when(Members, { after: 'm1', limit: 1 }).thenAnswers([bob])
  await both.when(Members, { limit: 0 }).thenFails('INVALID_PAYLOAD')
})

test('a time zone is an IANA name', () => {
  const isZone = (name: string) => TimeZone.safeParse(name).success
  expect(['UTC', 'Europe/Berlin', 'Asia/Kathmandu'].map(isZone)).toEqual([true, true, true])
  expect(['', 'Berlin', '<script>', 'x'.repeat(65)].map(isZone)).toEqual([false, false, false, false])
})
