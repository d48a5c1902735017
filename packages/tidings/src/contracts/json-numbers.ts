// Numbers of a JSON text that a double does not hold: parsed and printed again, they are other decimals.
// Invariant: a text is searched only if it has a run of 16 digits (or of 8 beside a point), or a long exponent.

// Every decimal of up to 15 digits survives, unless it is too large or too close to zero for a double.
const exactDigits = 15

// What every other number has. Written out and one by one, these patterns take a tenth of the time of `JSON.parse`; with counts, more than
// it, because only a sequence of fixed length lets the engine skip.
const suspicious = [
  /\d\d\d\d\d\d\d\d\d\d\d\d\d\d\d\d/,
  /\d\d\d\d\d\d\d\d\.\d/,
  /\d\.\d\d\d\d\d\d\d\d/,
  /\d[eE]\d\d\d|\d[eE][+-]\d\d\d/,
] as const

/** The first number of a JSON text that is another decimal after parsing and printing, as it is written; `undefined` if there is none. */
export function inexactNumber(text: string): string | undefined {
  if (!suspicious.some((pattern) => pattern.test(text))) return undefined
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit === 0x22) {
      for (i++; i < text.length && text.charCodeAt(i) !== 0x22; i++) if (text.charCodeAt(i) === 0x5c) i++
    } else if (unit === 0x2d || isDigit(unit)) {
      const start = i
      while (i + 1 < text.length && isOfNumber(text.charCodeAt(i + 1))) i++
      const number = text.slice(start, i + 1)
      if (!isExact(number)) return number
    }
  }
  return undefined
}

function isDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39
}

/** Whether a character can stand within a number: a digit, `.`, `e`, `E`, `+` or `-`. */
function isOfNumber(unit: number): boolean {
  return isDigit(unit) || unit === 0x2e || unit === 0x65 || unit === 0x45 || unit === 0x2b || unit === 0x2d
}

function isExact(number: string): boolean {
  if (number.length <= exactDigits && !/e/i.test(number)) return true
  return decimal(number) === decimal(String(Number(number)))
}

const grammar = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/

/** A number in the one form that equal decimals share; infinity has none and equals no decimal. */
function decimal(number: string): string | undefined {
  const parts = grammar.exec(number)
  if (parts === null) return undefined
  const [, whole = '', fraction = '', exponent = '0'] = parts
  const digits = whole + fraction
  let first = 0
  let end = digits.length
  while (first < end && digits.charCodeAt(first) === 0x30) first++
  while (end > first && digits.charCodeAt(end - 1) === 0x30) end--
  if (first === end) return '0'
  const sign = number.startsWith('-') ? '-' : ''
  return `${sign}${digits.slice(first, end)}e${Number(exponent) - fraction.length + (digits.length - end)}`
}
