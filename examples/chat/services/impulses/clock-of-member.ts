// A member's own clock: their quiet hours, and which day it is where they are. Pure.
import { parseCron } from 'tidings'
import type { z } from 'zod'
import type { Member } from '../members/contract.ts'

type Clock = Pick<z.infer<typeof Member>, 'timeZone' | 'quietHours'>

/** When a member's quiet hours end that hold at a moment; `undefined` where none do. */
export function quietUntil(at: Date, { timeZone, quietHours }: Clock): Date | undefined {
  if (quietHours === null) return undefined
  const next = (time: string) => parseCron(daily(time), timeZone).next(at.getTime())
  // Between their beginning and their end, the end comes first.
  const end = next(quietHours.to)
  return end < next(quietHours.from) ? new Date(end) : undefined
}

/** The day of a moment on a member's clock: `2010-08-17`. */
export function dayOf(at: Date, { timeZone }: Clock): string {
  const calendar = calendars.get(timeZone) ?? new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' })
  calendars.set(timeZone, calendar)
  return calendar.format(at)
}

// Making one takes a while, and there are no more than there are time zones.
const calendars = new Map<string, Intl.DateTimeFormat>()

function daily(time: string): string {
  const [hours = '0', minutes = '0'] = time.split(':')
  return `${Number(minutes)} ${Number(hours)} * * *`
}
