// What a caller has sent, as text: to recognise a repetition under an idempotency key. The members of objects are sorted, so their order makes
// no difference. Invariant: it depends on the sent value alone, and never on the schema, whose defaults and transforms may change from one
// deploy to the next.

import { TidingsError } from '../../errors/index.ts'

/** The text of a sent value, equal for equal values. Throws `PAYLOAD_NOT_JSON` if it cannot be compared. */
export function sentText(what: string, sent: unknown): string {
  try {
    return JSON.stringify(sent, sorted) ?? 'undefined'
  } catch (cause) {
    throw new TidingsError('PAYLOAD_NOT_JSON', `${what} cannot be compared with a repetition of it.`, {
      hint: 'Send JSON, or leave out the idempotency key.',
      cause,
    })
  }
}

// Within one process, a schema may take what is no JSON.
function sorted(_name: string, value: unknown): unknown {
  if (typeof value === 'bigint') return { bigint: String(value) }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  if (value instanceof Map) return { map: [...value] }
  if (value instanceof Set) return { set: [...value] }
  const names = Object.keys(value)
  if (names.length < 2 || names.every((name, index) => index === 0 || (names[index - 1] as string) < name)) return value
  const members = value as Readonly<Record<string, unknown>>
  return Object.fromEntries(names.sort().map((name) => [name, members[name]]))
}
