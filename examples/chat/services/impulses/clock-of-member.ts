// A member's own clock: their quiet hours, and the day in their time zone. Pure.
import { parseCron } from 'tidings'
import type { z } from 'zod'
import type { Member } from '../members/contract.ts'

type Clock = Pick<z.infer<typeof Member>, 'timeZone' | 'quietHours'>

/** When a member's quiet hours end, if the moment is within them; otherwise `undefined`. */
export function quietUntil(at: Date, { timeZone, quietHours }: Clock): Date | undefined {
  if (quietHours === null) return undefined
  const next = (time: string) => parseCron(daily(time), timeZone).next(at.getTime())
  // Within quiet hours, their next end is before their next beginning.
  const end = next(quietHours.to)
  return end < next(quietHours.from) ? new Date(end) : undefined
}

/** The day of a moment on a member's clock: `2010-08-17`. */
export function dayOf(at: Date, { timeZone }: Clock): string {
  const calendar = calendars.get(timeZone) ?? new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' })
  calendars.set(timeZone, calendar)
  return calendar.format(at)
}

// Creating a format is slow, and there is at most one for each time zone.
const calendars = new Map<string, Intl.DateTimeFormat>()

function daily(time: string): string {
  const [hours = '0', minutes = '0'] = time.split(':')
  return `${Number(minutes)} ${Number(hours)} * * *`
}
