// The types of fields of rows, from the JSON Schemas of all versions of the rows: rows of older versions stay as they were written.
// Invariant: a field has a type only if each value that any version lets through has it, or is `null` or missing.

import { isRecord, listOf, referred, type Shape, shapeOf, typesOf, underivable } from './shape.ts'
import type { VersionChain } from './versions.ts'

/** The type of all values of a field. */
export type FieldType = 'text' | 'number' | 'boolean'

/** The types of those fields whose values all have one. */
export function fieldTypesOf(chain: VersionChain, fields: readonly string[]): Readonly<Record<string, FieldType>> {
  const types: Record<string, FieldType> = {}
  if (fields.length === 0) return types
  const shapes = chain.versions.map(({ schema }) => shapeOf(schema))
  for (const field of fields) {
    const found = new Set(shapes.flatMap((shape) => [...kindsOfMember(shape, field)]))
    found.delete('null')
    const [kind] = found
    const type = found.size === 1 && kind !== undefined ? typeNames[kind] : undefined
    if (type !== undefined) types[field] = type
  }
  return types
}

const typeNames: Readonly<Record<string, FieldType>> = { string: 'text', number: 'number', boolean: 'boolean' }

/** Stands for values of which nothing is known. */
const anything: ReadonlySet<string> = new Set(['anything'])
const nothing: ReadonlySet<string> = new Set()
const hopsMax = 32

// What a member of a row may be. Where all rows are objects, a row without that member has no value of it.
function kindsOfMember(shape: Shape | undefined, field: string): ReadonlySet<string> {
  if (shape === undefined) return anything
  return membersOf(shape, { root: shape, hops: 0 }, field)
}

interface Place {
  readonly root: Shape
  readonly hops: number
}

function membersOf(shape: unknown, place: Place, field: string): ReadonlySet<string> {
  if (!isRecord(shape) || shape[underivable] === true || place.hops > hopsMax) return anything
  const next = { root: place.root, hops: place.hops + 1 }
  if (typeof shape.$ref === 'string') return membersOf(referred(shape.$ref, place.root), next, field)
  const choices = [...listOf(shape.anyOf), ...listOf(shape.oneOf)]
  if (choices.length > 0) return union(choices.map((choice) => membersOf(choice, next, field)))
  const parts = listOf(shape.allOf)
  // A value fits all parts, so one of them is enough to know its type.
  if (parts.length > 0) return narrowest(parts.map((part) => membersOf(part, next, field)))
  const { properties, additionalProperties } = shape
  if (isRecord(properties) && Object.hasOwn(properties, field)) return kindsOf(properties[field], next)
  if (additionalProperties === false) return nothing
  return additionalProperties === undefined ? anything : kindsOf(additionalProperties, next)
}

function kindsOf(shape: unknown, place: Place): ReadonlySet<string> {
  if (shape === false) return nothing
  if (!isRecord(shape) || shape[underivable] === true || place.hops > hopsMax) return anything
  const next = { root: place.root, hops: place.hops + 1 }
  if (typeof shape.$ref === 'string') return kindsOf(referred(shape.$ref, place.root), next)
  const choices = [...listOf(shape.anyOf), ...listOf(shape.oneOf)]
  if (choices.length > 0) return union(choices.map((choice) => kindsOf(choice, next)))
  const types = typesOf(shape)
  if (types.length > 0) return new Set(types.map((type) => (type === 'integer' ? 'number' : type)))
  const values = 'const' in shape ? [shape.const] : shape.enum
  if (Array.isArray(values)) return new Set(values.map((value) => (value === null ? 'null' : typeof value)))
  const parts = listOf(shape.allOf)
  return parts.length > 0 ? narrowest(parts.map((part) => kindsOf(part, next))) : anything
}

function union(all: readonly ReadonlySet<string>[]): ReadonlySet<string> {
  return new Set(all.flatMap((kinds) => [...kinds]))
}

function narrowest(all: readonly ReadonlySet<string>[]): ReadonlySet<string> {
  return all.find((kinds) => !kinds.has('anything')) ?? anything
}
