// Reads times as RFC 3339 writes them. `Date.parse` accepts more (24:00:00, no offset, 30 February), and differs between platforms.

const form =
  /^(\d{4}|[+-]\d{6})-(\d\d)-(\d\d)T([01]\d|2[0-3]):([0-5]\d):([0-5]\d|60)(\.\d+)?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/

/**
 * The milliseconds since 1970 of a time in RFC 3339, or in ISO 8601 with a year of six digits and its sign; `undefined` if it is neither.
 * A leap second is the second after it, as it is in Unix time.
 */
export function parseTime(text: string): number | undefined {
  const parts = form.exec(text.toUpperCase())
  if (parts === null) return undefined
  const [, year = '', month = '', day = '', hour = '', minute = '', second = '', fraction = '', offset = ''] = parts
  // JavaScript reads 30 February as 2 March, and refuses the year -000000.
  const date = `${year}-${month}-${day}`
  const midnight = Date.parse(`${date}T00:00:00Z`)
  if (Number.isNaN(midnight) || !new Date(midnight).toISOString().startsWith(date)) return undefined
  const leap = second === '60'
  const time = Date.parse(`${date}T${hour}:${minute}:${leap ? '59' : second}${leap ? '' : fraction}${offset}`)
  if (Number.isNaN(time)) return undefined
  if (!leap) return time
  return (time + 1_000) % 86_400_000 === 0 ? time + 1_000 : undefined
}
