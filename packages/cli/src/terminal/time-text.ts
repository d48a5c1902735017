// Times and amounts as people read them at a glance. All times are UTC, as in the log.

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** A duration, given in milliseconds: `0.4 ms`, `12 ms`, `1.3 s`, `4 min 5 s`, `2 d 3 h`. */
export function durationText(ms: number): string {
  if (ms < 0) return `-${durationText(-ms)}`
  if (ms > 0 && ms < 0.005) return '< 0.01 ms'
  if (ms < 10) return `${Number(ms.toFixed(ms < 1 ? 2 : 1))} ms`
  if (Math.round(ms) < second) return `${Math.round(ms)} ms`
  if (ms < minute) return `${Number((ms / second).toFixed(1))} s`
  if (ms < hour) return pair(ms, minute, 'min', second, 's')
  if (ms < day) return pair(ms, hour, 'h', minute, 'min')
  return pair(ms, day, 'd', hour, 'h')
}

function pair(ms: number, big: number, bigName: string, small: number, smallName: string): string {
  const whole = Math.floor(ms / big)
  const rest = Math.floor((ms % big) / small)
  return rest === 0 ? `${whole} ${bigName}` : `${whole} ${bigName} ${rest} ${smallName}`
}

/** How long ago something happened: `3 s ago`. */
export function agoText(ms: number): string {
  return `${durationText(Math.max(0, ms))} ago`
}

/** The day of a time: `2026-11-23`. */
export function dayText(time: number): string {
  return iso(time).slice(0, 10)
}

/** The time of day of a time: `21:03:04.567`. */
export function clockText(time: number): string {
  return iso(time).slice(11, 23)
}

/** A time: `2026-11-23 21:03:04.567`. */
export function momentText(time: number): string {
  return `${dayText(time)} ${clockText(time)}`
}

function iso(time: number): string {
  return Number.isFinite(time) && Math.abs(time) <= 8.64e15 ? new Date(time).toISOString() : '----------T--:--:--.---'
}

const thousands = new Intl.NumberFormat('en-US')

/** A number with thousands separators: `12,345`. */
export function countText(count: number): string {
  return thousands.format(count)
}

/** A count with its noun: `1 event`, `12 events`. */
export function countOf(count: number, one: string, many: string = `${one}s`): string {
  return `${countText(count)} ${count === 1 ? one : many}`
}
