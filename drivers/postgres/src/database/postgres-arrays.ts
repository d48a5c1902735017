// Arrays as parameters, in Postgres's binary format: nothing has to be escaped here or parsed there, so a document goes through byte for byte.
// Invariant: a text that UTF-8 cannot hold is refused, because it would be stored as another one without a word.

import { TidingsError } from 'tidings'

const [int4Type, int8Type, int2Type, textType, float8Type] = [23, 20, 21, 25, 701]
const headerBytes = 20
const NUL = '\0'

function header(buffer: Buffer, type: number, count: number, hasNull: boolean): void {
  buffer.writeInt32BE(count === 0 ? 0 : 1, 0)
  buffer.writeInt32BE(hasNull ? 1 : 0, 4)
  buffer.writeInt32BE(type, 8)
  if (count === 0) return
  buffer.writeInt32BE(count, 12)
  buffer.writeInt32BE(1, 16)
}

/** `text[]`. Throws `PAYLOAD_NOT_JSON` for a text with a lone surrogate or a NUL. */
export function textArray(values: readonly (string | null)[]): Buffer {
  let bytes = headerBytes
  let hasNull = false
  const lengths = new Array<number>(values.length)
  for (let index = 0; index < values.length; index++) {
    const value = values[index] as string | null
    if (value === null) hasNull = true
    else if (!value.isWellFormed() || value.includes(NUL)) throw unstorable(value)
    const length = value === null ? 0 : Buffer.byteLength(value)
    lengths[index] = length
    bytes += 4 + length
  }
  const buffer = Buffer.allocUnsafe(values.length === 0 ? 12 : bytes)
  header(buffer, textType, values.length, hasNull)
  let at = headerBytes
  for (let index = 0; index < values.length; index++) {
    const value = values[index] as string | null
    const length = lengths[index] as number
    at = buffer.writeInt32BE(value === null ? -1 : length, at)
    if (value !== null) at += buffer.write(value, at, length, 'utf8')
  }
  return buffer
}

function unstorable(text: string): TidingsError {
  const what = text.includes(NUL) ? 'a NUL character' : 'a lone surrogate'
  return new TidingsError('PAYLOAD_NOT_JSON', `A key or a document contains ${what}, which Postgres cannot store.`)
}

function numbers(
  type: number,
  bytesEach: number,
  values: readonly (number | null)[],
  write: (buffer: Buffer, value: number, at: number) => void,
): Buffer {
  const hasNull = values.includes(null)
  const buffer = Buffer.allocUnsafe(values.length === 0 ? 12 : headerBytes + values.length * (4 + bytesEach))
  header(buffer, type, values.length, hasNull)
  let at = headerBytes
  for (const value of values) {
    at = buffer.writeInt32BE(value === null ? -1 : bytesEach, at)
    if (value === null) continue
    write(buffer, value, at)
    at += bytesEach
  }
  return hasNull ? buffer.subarray(0, at) : buffer
}

/** `int[]`. */
export function int4Array(values: readonly number[]): Buffer {
  return numbers(int4Type, 4, values, (buffer, value, at) => buffer.writeInt32BE(value, at))
}

/** `smallint[]`. */
export function int2Array(values: readonly number[]): Buffer {
  return numbers(int2Type, 2, values, (buffer, value, at) => buffer.writeInt16BE(value, at))
}

/** `bigint[]`, of whole numbers below 2^53. */
export function int8Array(values: readonly (number | null)[]): Buffer {
  return numbers(int8Type, 8, values, (buffer, value, at) => {
    const high = Math.floor(value / 2 ** 32)
    buffer.writeInt32BE(high, at)
    buffer.writeUInt32BE(value - high * 2 ** 32, at + 4)
  })
}

/** `double precision[]`. */
export function float8Array(values: readonly number[]): Buffer {
  return numbers(float8Type, 8, values, (buffer, value, at) => buffer.writeDoubleBE(value, at))
}
