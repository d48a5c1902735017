// Shows values as text: equal values have equal texts, so texts can be compared instead of values.
// Members are sorted by name, and members that are undefined are left out, as in JSON.

const lineWidth = 76

/** A value as text; nested values that do not fit on a line get lines of their own. */
export function showValue(value: unknown): string {
  return show(value, [])
}

function show(value: unknown, above: readonly object[]): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'function') return `[function ${value.name || 'without a name'}]`
  if (typeof value !== 'object' || value === null) return String(value === 0 ? 0 : value)
  if (above.includes(value)) return '[circular]'
  return showObject(value, [...above, value])
}

function showObject(value: object, above: readonly object[]): string {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Date(invalid)' : `Date(${value.toISOString()})`
  if (value instanceof Error) return `${value.name}(${JSON.stringify(value.message)})`
  if (isMatcher(value)) return showMatcher(value)
  if (Array.isArray(value)) {
    return wrap(
      '[',
      value.map((item) => show(item, above)),
      ']',
    )
  }
  if (value instanceof Map) {
    const entries = [...value].map(([key, item]) => `${show(key, above)} => ${show(item, above)}`)
    return wrap('Map {', entries.sort(), '}')
  }
  if (value instanceof Set) {
    return wrap('Set {', [...value].map((item) => show(item, above)).sort(), '}')
  }
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${showName(name)}: ${show(member, above)}`)
  return wrap(`${classNameOf(value)}{`, members, '}')
}

function wrap(open: string, items: readonly string[], close: string): string {
  if (items.length === 0) return `${open}${close}`
  const space = open === '[' ? '' : ' '
  const line = `${open}${space}${items.join(', ')}${space}${close}`
  if (line.length <= lineWidth && !line.includes('\n')) return line
  return `${open}\n${items.map((item) => `  ${item.replaceAll('\n', '\n  ')},`).join('\n')}\n${close}`
}

function showName(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name)
}

function classNameOf(value: object): string {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === null || prototype === Object.prototype) return ''
  const name = (prototype as { constructor?: { name?: string } }).constructor?.name
  return name === undefined || name === '' ? '' : `${name} `
}

/** An expectation that accepts many values: `anything`, or a matcher of a test framework. */
export interface Matcher {
  asymmetricMatch(value: unknown): boolean
}

/** Whether a value is a matcher. */
export function isMatcher(value: unknown): value is Matcher {
  return typeof (value as Matcher | null)?.asymmetricMatch === 'function'
}

function showMatcher(matcher: Matcher): string {
  const known = matcher as { toAsymmetricMatcher?: () => string }
  return `<${known.toAsymmetricMatcher?.() ?? 'a matcher'}>`
}
