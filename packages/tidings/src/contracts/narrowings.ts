// What an edited schema makes narrower, by comparing normal shapes: values of the older shape may not have what readers of the newer one
// expect. Invariant: whatever is only written in another way is no narrowing; in doubt there is none.

import { pointerTo } from './json-pointer.ts'
import { isRecord, listOf, referred, type Shape, typesOf, underivable } from './shape.ts'

/** A change that stored values may not fit. */
export interface Narrowing {
  /** The member, as a JSON pointer; `''` is the value itself. */
  readonly path: string
  /** A sentence about the member: `is required now`. */
  readonly change: string
}

/** What the newer of two normal shapes makes narrower, each member once. */
export function narrowingsOf(older: Shape, newer: Shape): readonly Narrowing[] {
  const found = compare(older, newer, { older, newer, path: '', depth: 0, seen: new Set(), left: { steps: stepsMax } })
  return found.filter(({ path }, index) => found.findIndex((other) => other.path === path) === index)
}

interface Place {
  /** The whole shapes, in which references are resolved. */
  readonly older: Shape
  readonly newer: Shape
  readonly path: string
  readonly depth: number
  /** Pairs of references that are being compared: a shape may refer to itself. */
  readonly seen: ReadonlySet<string>
  readonly left: { steps: number }
}

/** Shapes that refer to themselves in alternatives grow without end; what lies deeper is not compared. */
const depthMax = 32
const stepsMax = 20_000

function compare(older: unknown, newer: unknown, place: Place): readonly Narrowing[] {
  if (place.depth > depthMax || place.left.steps-- <= 0) return []
  if (isRecord(older) && isRecord(newer) && (typeof older.$ref === 'string' || typeof newer.$ref === 'string')) {
    const pair = `${older.$ref} ${newer.$ref}`
    if (place.seen.has(pair)) return []
    const seen = new Set([...place.seen, pair])
    return compare(resolved(older, place.older), resolved(newer, place.newer), { ...place, seen })
  }
  if (older === false || isAnything(newer) || isUnknown(older)) return []
  if (!isRecord(newer)) return [{ path: place.path, change: 'is no longer allowed' }]
  const { allOf, ...rest } = newer
  const parts = listOf(allOf)
  if (parts.length > 0) return [rest, ...parts].flatMap((part) => compare(older, part, place))
  if (isRecord(older) && listOf(older.allOf).length > 0) return compareWithAll(older, newer, place)
  const choices = alternatives(newer, place.newer)
  return alternatives(older, place.older).flatMap((each) => compareWithAny(each, choices, place))
}

// A value of the older shape fits all of its parts, so it is enough if one of them lies within the newer shape.
function compareWithAll(older: Shape, newer: Shape, place: Place): readonly Narrowing[] {
  const { allOf, ...rest } = older
  return fewest([rest, ...listOf(allOf)].map((part) => compare(part, newer, place)))
}

function compareWithAny(older: Shape, choices: readonly Shape[], place: Place): readonly Narrowing[] {
  const sameType = choices.filter((choice) => isAnything(choice) || typeCovers(typeOf(older), typeOf(choice)))
  if (sameType.length > 0) return fewest(sameType.map((choice) => compareAlike(older, choice, place)))
  const [was, is] = [nameOf(older), choices.map(nameOf).join(' or ')]
  return [{ path: place.path, change: `was ${was}, and must be ${is} now` }]
}

/** Compares two shapes of one type each, where the newer type covers the older one. */
function compareAlike(older: Shape, newer: Shape, place: Place): readonly Narrowing[] {
  if (isAnything(newer)) return []
  if (Array.isArray(newer.enum) && typeOf(newer) !== 'null') {
    if (!Array.isArray(older.enum)) return [{ path: place.path, change: `must be one of ${newer.enum.join(', ')} now` }]
    const gone = older.enum.filter((value) => !(newer.enum as unknown[]).includes(value))
    if (gone.length > 0) return [{ path: place.path, change: `no longer allows ${gone.join(', ')}` }]
  }
  if (typeOf(newer) === 'object') return compareObjects(older, newer, place)
  return typeOf(newer) === 'array' ? compareArrays(older, newer, place) : []
}

function compareObjects(older: Shape, newer: Shape, place: Place): readonly Narrowing[] {
  const into = (name: string) => ({ ...place, path: place.path + pointerTo(name), depth: place.depth + 1 })
  const before = isRecord(older.properties) ? older.properties : {}
  const after = isRecord(newer.properties) ? newer.properties : {}
  const required = listOf(older.required)
  const found: Narrowing[] = []
  for (const [name, member] of Object.entries(after)) {
    // Of a member that the older shape did not name, something is known only if all further members have a shape.
    const earlier = Object.hasOwn(before, name) ? before[name] : orUnknown(older.additionalProperties)
    found.push(...compare(earlier, member, into(name)))
  }
  for (const name of listOf(newer.required) as string[])
    if (!required.includes(name)) found.push({ path: into(name).path, change: 'is required now' })
  if (newer.additionalProperties === undefined) return found
  for (const [name, member] of Object.entries(before))
    if (!Object.hasOwn(after, name)) found.push(...compare(member, newer.additionalProperties, into(name)))
  if (older.additionalProperties !== undefined)
    found.push(...compare(older.additionalProperties, newer.additionalProperties, into('*')))
  return found
}

function compareArrays(older: Shape, newer: Shape, place: Place): readonly Narrowing[] {
  const into = (index: number | '*') => ({ ...place, path: place.path + pointerTo(index), depth: place.depth + 1 })
  const [before, after] = [listOf(older.prefixItems), listOf(newer.prefixItems)]
  const found: Narrowing[] = []
  for (let index = Number(older.minItems ?? 0); index < Number(newer.minItems ?? 0); index++)
    found.push({ path: into(index).path, change: 'is required now' })
  for (let index = 0; index < Math.max(before.length, after.length); index++) {
    const [earlier, later] = [before[index] ?? older.items, after[index] ?? newer.items]
    if (earlier !== undefined && later !== undefined) found.push(...compare(earlier, later, into(index)))
  }
  if (older.items !== undefined && newer.items !== undefined)
    found.push(...compare(older.items, newer.items, into('*')))
  return found
}

/** The alternatives of a shape, each of one type at most. A shape may refer to itself: `refs` are the references that were followed. */
function alternatives(shape: unknown, root: Shape, refs: ReadonlySet<string> = new Set()): readonly Shape[] {
  if (!isRecord(shape)) return [{}]
  if (typeof shape.$ref === 'string')
    return refs.has(shape.$ref) ? [unknown] : alternatives(resolved(shape, root), root, new Set([...refs, shape.$ref]))
  const { anyOf, ...rest } = shape
  const choices = listOf(anyOf)
  if (choices.length > 0) return choices.flatMap((choice) => alternatives(choice, root, refs))
  const types = typesOf(rest)
  if (types.length > 0) return types.map((type) => ofType(rest, type))
  if (!Array.isArray(rest.enum)) return [rest]
  const kinds = new Set(rest.enum.map((value) => kindOf(value as string)))
  return [...kinds].map((type) => ofType(rest, type))
}

function ofType(shape: Shape, type: string): Shape {
  if (!Array.isArray(shape.enum)) return { ...shape, type: [type] }
  return { ...shape, type: [type], enum: shape.enum.filter((value) => typeCovers(kindOf(value as string), type)) }
}

// The values of an enum are kept as JSON text.
function kindOf(text: string): string {
  const value: unknown = JSON.parse(text)
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return typeof value === 'number' && Number.isInteger(value) ? 'integer' : typeof value
}

function resolved(shape: Shape, root: Shape): Shape {
  const found = typeof shape.$ref === 'string' ? referred(shape.$ref, root) : shape
  return isRecord(found) ? found : unknown
}

function typeOf(shape: Shape): string | undefined {
  return typesOf(shape)[0]
}

function typeCovers(older: string | undefined, newer: string | undefined): boolean {
  return older === newer || (older === 'integer' && newer === 'number')
}

const unknown: Shape = { [underivable]: true }

function orUnknown(shape: unknown): unknown {
  return isRecord(shape) && !isAnything(shape) ? shape : unknown
}

function isUnknown(shape: unknown): boolean {
  return isRecord(shape) && shape[underivable] === true
}

function isAnything(shape: unknown): boolean {
  return (
    isUnknown(shape) ||
    (isRecord(shape) && Object.keys(shape).every((name) => name === '$defs' || name === 'definitions'))
  )
}

function nameOf(shape: Shape): string {
  return typeOf(shape) ?? 'anything'
}

function fewest(all: readonly (readonly Narrowing[])[]): readonly Narrowing[] {
  return all.reduce((best, found) => (found.length < best.length ? found : best), all[0] ?? [])
}
