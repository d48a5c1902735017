// The shape of a schema's output as JSON Schema, to check a parsed value without parsing it again.
// Invariant: only what is certainly wrong is a misfit; members that the shape does not name, texts, numbers and lengths are not judged.

import { nameInPointer, pointerTo } from './json-pointer.ts'
import type { Schema } from './schema.ts'

/** A JSON Schema, or a part of one. Parts that have no equivalent in JSON Schema are marked with `underivable`. */
export type Shape = Readonly<Record<string, unknown>>

/** Marks the parts of a shape that the schema library could not derive. */
export const underivable = 'x-tidings-underivable'

interface StandardJsonSchema {
  readonly vendor: string
  readonly jsonSchema?: {
    readonly output?: (options: { target: string; libraryOptions?: Record<string, unknown> }) => unknown
  }
}

const shapes = new WeakMap<Schema, Shape | null>()

/** The shape of what a schema returns; `undefined` if its library derives none. It is derived at the first call. */
export function shapeOf(schema: Schema): Shape | undefined {
  let shape = shapes.get(schema)
  if (shape === undefined) {
    shape = derive(schema['~standard'] as StandardJsonSchema)
    shapes.set(schema, shape)
  }
  return shape ?? undefined
}

function derive({ vendor, jsonSchema }: StandardJsonSchema): Shape | null {
  try {
    const shape = jsonSchema?.output?.({
      target: 'draft-2020-12',
      ...(vendor === 'zod' ? { libraryOptions: zodOptions } : {}),
    })
    return isRecord(shape) ? shape : null
  } catch {
    // Parts of this schema have no equivalent in JSON Schema, and its library gives no answer for the others.
    return null
  }
}

interface ZodOverride {
  readonly zodSchema: { readonly _zod?: { readonly def?: { readonly type?: unknown } } }
  readonly jsonSchema: Record<string, unknown>
}

// Without these options zod derives nothing at all if one member is a transform, a custom check or a date.
const zodUnderivable: ReadonlySet<unknown> = new Set(['transform', 'custom', 'date', 'bigint', 'map', 'set', 'symbol'])
const zodOptions = {
  unrepresentable: 'any',
  override: ({ zodSchema, jsonSchema }: ZodOverride) => {
    if (zodUnderivable.has(zodSchema._zod?.def?.type)) jsonSchema[underivable] = true
  },
}

/** Where and how a parsed value does not fit a shape: a JSON pointer and a sentence. */
export interface Misfit {
  readonly path: string
  readonly message: string
}

/** The first place at which a value does not fit a shape; `undefined` if it fits as far as the shape says. */
export function misfitOf(shape: Shape, value: unknown): Misfit | undefined {
  return misfit(shape, { root: shape, path: '', hops: 0 }, value)
}

interface Place {
  readonly root: Shape
  readonly path: string
  /** References followed without going into the value: a shape may refer to itself. */
  readonly hops: number
}

const hopsMax = 32

function misfit(shape: unknown, place: Place, value: unknown): Misfit | undefined {
  if (shape === false) return { path: place.path, message: 'must not be there' }
  if (!isRecord(shape)) return undefined
  if (typeof shape.$ref === 'string') {
    if (place.hops >= hopsMax) return undefined
    const found = misfit(referred(shape.$ref, place.root), { ...place, hops: place.hops + 1 }, value)
    if (found !== undefined) return found
  }
  for (const part of listOf(shape.allOf)) {
    const found = misfit(part, place, value)
    if (found !== undefined) return found
  }
  const choices = [...listOf(shape.anyOf), ...listOf(shape.oneOf)]
  if (choices.length > 0) {
    const misfits = choices.map((choice) => misfit(choice, place, value))
    // The choice that fits longest says best what is wrong.
    if (!misfits.includes(undefined))
      return misfits.reduce((best, found) => (pathLength(found) > pathLength(best) ? found : best))
  }
  const { path } = place
  if ('const' in shape && !isSame(shape.const, value))
    return { path, message: `must be ${JSON.stringify(shape.const)}` }
  if (Array.isArray(shape.enum) && !shape.enum.some((known) => isSame(known, value)))
    return { path, message: `must be one of ${shape.enum.map((known) => JSON.stringify(known)).join(', ')}` }
  const types = typesOf(shape)
  if (types.length > 0 && !types.some((type) => isOfType(type, value)))
    return { path, message: value === undefined ? 'is missing' : `must be of type ${types.join(' or ')}` }
  if (Array.isArray(value)) return misfitInArray(shape, place, value)
  return isRecord(value) ? misfitInObject(shape, place, value) : undefined
}

function misfitInObject(shape: Shape, place: Place, value: Shape): Misfit | undefined {
  const into = (name: string) => ({ root: place.root, path: `${place.path}${pointerTo(name)}`, hops: 0 })
  const members = isRecord(shape.properties) ? shape.properties : {}
  for (const name of Object.keys(value)) {
    if (value[name] === undefined) continue
    // A shape with `additionalProperties: false` names the members it knows; further ones are read by nobody.
    const member = Object.hasOwn(members, name) ? members[name] : shape.additionalProperties || undefined
    const found = misfit(member, into(name), value[name])
    if (found !== undefined) return found
  }
  for (const name of listOf(shape.required) as readonly string[])
    if (value[name] === undefined) return { path: into(name).path, message: 'is missing' }
  return undefined
}

function misfitInArray(shape: Shape, place: Place, value: readonly unknown[]): Misfit | undefined {
  const first = listOf(shape.prefixItems)
  if (value.length < first.length && value.length < Number(shape.minItems ?? 0))
    return { path: `${place.path}/${value.length}`, message: 'is missing' }
  for (let index = 0; index < value.length; index++) {
    const item = index < first.length ? first[index] : shape.items || undefined
    const found = misfit(item, { root: place.root, path: `${place.path}/${index}`, hops: 0 }, value[index])
    if (found !== undefined) return found
  }
  return undefined
}

/** The part of a shape that a local reference (`#/$defs/…`) names; `undefined` if there is none. */
export function referred(reference: string, root: Shape): unknown {
  if (!reference.startsWith('#')) return undefined
  let found: unknown = root
  for (const part of reference.split('/').slice(1)) {
    const name = nameInPointer(decodeURIComponent(part))
    found = isRecord(found) || Array.isArray(found) ? (found as Shape)[name] : undefined
  }
  return found
}

/** The types that a shape allows; empty if it allows any. */
export function typesOf({ type }: Shape): readonly string[] {
  if (typeof type === 'string') return [type]
  return Array.isArray(type) ? (type as string[]) : []
}

function isOfType(type: string, value: unknown): boolean {
  switch (type) {
    case 'null':
      return value === null
    case 'array':
      return Array.isArray(value)
    case 'object':
      return isRecord(value)
    case 'integer':
      return Number.isInteger(value)
    default:
      return typeof value === type
  }
}

function isSame(known: unknown, value: unknown): boolean {
  return known === value || (typeof known === 'object' && JSON.stringify(known) === JSON.stringify(value))
}

/** Whether a value is an object that is no array. */
export function isRecord(value: unknown): value is Shape {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A value that is a list; an empty list if it is none. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function pathLength(found: Misfit | undefined): number {
  return found?.path.length ?? 0
}
