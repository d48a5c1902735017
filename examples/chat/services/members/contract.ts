// What others may know of `members`: the full public state of each member, and that one took another name.
// Invariant: a member is one identity under whatever name; the id never changes.
import { defineCommand, defineEvent, defineLiveQuery, defineQuery } from 'tidings'
import { z } from 'zod'
import { Id, Moment, Name } from '../words.ts'

/** A time zone by its IANA name: `Europe/Berlin`. */
export const TimeZone = z.string().max(64).refine(isTimeZone, 'a time zone has an IANA name such as "Europe/Berlin"')

const TimeOfDay = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'a time of day is written as "22:00"')

/** Hours of the member's own clock in which nothing should bother them; `22:00` to `07:00` goes over midnight. */
export const QuietHours = z
  .object({ from: TimeOfDay, to: TimeOfDay })
  .refine(({ from, to }) => from !== to, 'quiet hours begin and end at different times')

/** A member as others see them. */
export const Member = z.object({
  memberId: Id,
  name: Name,
  timeZone: TimeZone,
  /** `null`: may be bothered at any time. */
  quietHours: QuietHours.nullable(),
  /** When they were registered first. */
  joinedAt: Moment,
})

/** The type of a member. */
export type Member = z.infer<typeof Member>

/** What a new member has where nothing else was said. */
export const defaults = { timeZone: 'UTC', quietHours: { from: '22:00', to: '07:00' } } as const

const key = (member: { readonly memberId: string }) => member.memberId

/** A member's public state, whenever it changes. */
export const MemberChanged = defineEvent('chat.member-changed', { owner: 'members', pattern: 'state-transfer' })
  .version(1, Member)
  .key(key)

/** A member took another name; it occurs when they did. Their first name is no such event. */
export const MemberRenamed = defineEvent('chat.member-renamed', { owner: 'members', pattern: 'notification' })
  .version(1, z.object({ memberId: Id, from: Name, to: Name }))
  .key(key)

/** Registers a member. One who is known keeps what is not given, and the same again changes nothing. */
export const RegisterMember = defineCommand('register-member', {
  input: z.object({
    memberId: Id,
    name: Name,
    timeZone: TimeZone.optional(),
    quietHours: QuietHours.nullable().optional(),
  }),
  key,
})

/** Gives a member another name; they stay who they are. */
export const RenameMember = defineCommand('rename-member', { input: z.object({ memberId: Id, name: Name }), key })

/** Sets a member's quiet hours, and the time zone of their clock where it is given. */
export const SetQuietHours = defineCommand('set-quiet-hours', {
  input: z.object({ memberId: Id, quietHours: QuietHours.nullable(), timeZone: TimeZone.optional() }),
  key,
})

/** One member. */
export const MemberById = defineQuery('member-by-id', {
  owner: 'members',
  input: z.object({ memberId: Id }),
  output: Member,
})

/** The members in the order of their ids, a page at a time. */
export const Members = defineQuery('members', {
  owner: 'members',
  input: z.object({
    /** Go on after this member. */
    after: Id.optional(),
    limit: z.int().min(1).max(1_000).default(100),
  }),
  output: z.array(Member),
})

// Asking takes a while, and there are a few hundred.
const knownZones = new Set<string>()

/** All members, live; at most 1,000 at first. */
export const MemberList = defineLiveQuery('member-list', { owner: 'members', input: z.object({}), row: Member })

function isTimeZone(name: string): boolean {
  if (knownZones.has(name)) return true
  // An offset such as "+02:00" is taken by Intl too, and knows no summer.
  if (!/^[A-Za-z]/.test(name)) return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    knownZones.add(name)
    return true
  } catch {
    return false
  }
}
