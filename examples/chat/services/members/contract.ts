// The contract of `members`: the full public state of each member, and that a member changed their name.
// Invariant: a member keeps their id, whatever their name.
import { defineCommand, defineEvent, defineLiveQuery, defineQuery } from 'tidings'
import { z } from 'zod'
import { Id, Moment, Name } from '../words.ts'

/** A time zone by its IANA name: `Europe/Berlin`. */
export const TimeZone = z.string().max(64).refine(isTimeZone, 'a time zone has an IANA name such as "Europe/Berlin"')

const TimeOfDay = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'a time of day is written as "22:00"')

/** The hours of the member's own clock in which they get no nudges; `22:00` to `07:00` goes over midnight. */
export const QuietHours = z
  .object({ from: TimeOfDay, to: TimeOfDay })
  .refine(({ from, to }) => from !== to, 'quiet hours begin and end at different times')

/** A member as others see them. */
export const Member = z.object({
  memberId: Id,
  name: Name,
  timeZone: TimeZone,
  /** `null`: no quiet hours. */
  quietHours: QuietHours.nullable(),
  /** When they were first registered. */
  joinedAt: Moment,
})

/** The type of a member. */
export type Member = z.infer<typeof Member>

/** The defaults of a new member. */
export const defaults = { timeZone: 'UTC', quietHours: { from: '22:00', to: '07:00' } } as const

const key = (member: { readonly memberId: string }) => member.memberId

/** A member's public state, published whenever it changes. */
export const MemberChanged = defineEvent('chat.member-changed', { owner: 'members', pattern: 'state-transfer' })
  .version(1, Member)
  .key(key)

/** A member changed their name. The first name is not a change. */
export const MemberRenamed = defineEvent('chat.member-renamed', { owner: 'members', pattern: 'notification' })
  .version(1, z.object({ memberId: Id, from: Name, to: Name }))
  .key(key)

/** Registers a member. A known member keeps what is not given; the same input again changes nothing. */
export const RegisterMember = defineCommand('register-member', {
  expose: true,
  input: z.object({
    memberId: Id,
    name: Name,
    timeZone: TimeZone.optional(),
    quietHours: QuietHours.nullable().optional(),
  }),
  key,
})

/** Gives a member another name; their id stays the same. */
export const RenameMember = defineCommand('rename-member', {
  expose: true,
  input: z.object({ memberId: Id, name: Name }),
  key,
})

/** Sets a member's quiet hours, and their time zone if it is given. */
export const SetQuietHours = defineCommand('set-quiet-hours', {
  expose: true,
  input: z.object({ memberId: Id, quietHours: QuietHours.nullable(), timeZone: TimeZone.optional() }),
  key,
})

/** One member. */
export const MemberById = defineQuery('member-by-id', {
  owner: 'members',
  expose: true,
  input: z.object({ memberId: Id }),
  output: Member,
})

/** The members in the order of their ids, page by page. */
export const Members = defineQuery('members', {
  owner: 'members',
  expose: true,
  input: z.object({
    /** Continue after this member. */
    after: Id.optional(),
    limit: z.int().min(1).max(1_000).default(100),
  }),
  output: z.array(Member),
})

// The check is slow, and there are only a few hundred time zones.
const knownZones = new Set<string>()

/** All members, live; at most 1,000 at first. */
export const MemberList = defineLiveQuery('member-list', {
  owner: 'members',
  expose: true,
  input: z.object({}),
  row: Member,
})

function isTimeZone(name: string): boolean {
  if (knownZones.has(name)) return true
  // Intl also accepts an offset such as "+02:00", which has no daylight saving time.
  if (!/^[A-Za-z]/.test(name)) return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    knownZones.add(name)
    return true
  } catch {
    return false
  }
}
