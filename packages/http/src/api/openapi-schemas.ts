// The schemas of an OpenAPI document. A schema that refers to parts of itself, or is used in several places, becomes a component.
// Invariant: every reference leads into the document, since tools read `$id` and local `$defs` differently, or not at all.

import type { Schema } from 'tidings'
import { jsonSchemaOf, nameInPointer, pointerTo } from 'tidings/contracts'

/** A value of JSON with members. */
export type JsonObject = Readonly<Record<string, unknown>>

/** Where a schema is used: `orders.place-order`, for what is accepted (`input`) or answered (`output`). */
export interface SchemaUse {
  readonly schema: Schema
  readonly name: string
  readonly side: 'input' | 'output'
}

/** Collects the components of one document. */
export class SchemaComponents {
  readonly #components = new Map<string, JsonObject>()
  readonly #shared: ReadonlySet<Schema>
  readonly #sharedPlaces = new Map<string, string>()

  /** @param uses - every schema of the document, as often as it is used. */
  constructor(uses: readonly (Schema | undefined)[]) {
    const schemas = uses.filter((schema) => schema !== undefined)
    this.#shared = new Set(schemas.filter((schema, index) => schemas.indexOf(schema) !== index))
  }

  /** The components so far, by name. */
  get all(): Readonly<Record<string, JsonObject>> {
    return Object.fromEntries([...this.#components].sort(([one], [other]) => (one < other ? -1 : 1)))
  }

  /** The schema as it stands in the document: itself, or a reference to its component. Without a JSON Schema it allows anything. */
  add({ schema, name, side }: SchemaUse): JsonObject {
    const { $schema: _dialect, $defs, ...root } = jsonSchemaOf(schema, side) ?? {}
    // The root is a part like the others; only it may turn out not to be referred to.
    const parts: Record<string, JsonObject> = { ...($defs as Readonly<Record<string, JsonObject>>), '#': root }
    const places = this.#places(parts, `${name}.${side}`, side)
    const own = places.get('#') ?? name
    for (const [part, json] of Object.entries(parts))
      if (part !== '#') this.#components.set(places.get(part) ?? part, moved(json, places))
    const inPlace = moved(root, places)
    const texts = JSON.stringify([inPlace, ...this.#components.values()])
    const isReferred = texts.includes(`"${refTo(own)}"`) || texts.includes(`"${refTo(own)}/`)
    if (!isReferred && !(this.#shared.has(schema) && root.type === 'object')) return inPlace
    const place = isReferred ? own : (this.#sharedPlaces.get(JSON.stringify(root)) ?? own)
    if (!isReferred) this.#sharedPlaces.set(JSON.stringify(root), place)
    this.#components.set(place, inPlace)
    return { $ref: refTo(place) }
  }

  // Schemas may call different parts alike. A part takes the first of its names that no other component has.
  #places(parts: Readonly<Record<string, JsonObject>>, own: string, side: string): ReadonlyMap<string, string> {
    const names = new Map(Object.keys(parts).map((part) => [part, namesOf(part, own, side)]))
    const places = new Map([...names].map(([part, [first = own]]) => [part, first]))
    for (let taken = true; taken; ) {
      taken = false
      for (const [part, json] of Object.entries(parts)) {
        const place = places.get(part) ?? own
        const there = this.#components.get(place)
        if (there === undefined || JSON.stringify(there) === JSON.stringify(moved(json, places))) continue
        const [, next = `${place}.x`] = (names.get(part) ?? []).slice((names.get(part) ?? []).indexOf(place))
        places.set(part, next)
        taken = true
      }
    }
    return places
  }
}

function namesOf(part: string, own: string, side: string): readonly string[] {
  if (part === '#') return [own]
  const name = part.replaceAll(/[^A-Za-z0-9._-]/g, '-')
  // Names that a library has made up say nothing outside of their schema.
  if (name.startsWith('__')) return [`${own}.${name.slice(2)}`]
  return [name, `${name}.${side}`, `${own}.${name}`]
}

/** The reference to a component. */
function refTo(name: string): string {
  return `#/components/schemas${pointerTo(name)}`
}

// References are moved from the schema's own root to the document's.
function moved(json: JsonObject, places: ReadonlyMap<string, string>): JsonObject {
  const follow = (ref: string): string => {
    if (!ref.startsWith('#')) return ref
    const [, part = '', rest = ''] = /^#\/\$defs\/([^/]*)(.*)$/.exec(ref) ?? []
    const place = places.get(nameInPointer(decodeURIComponent(part)))
    return place === undefined ? `${refTo(places.get('#') ?? '')}${ref.slice(1)}` : `${refTo(place)}${rest}`
  }
  const copy = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(copy)
    if (typeof value !== 'object' || value === null) return value
    const members = Object.entries(value).map(([name, member]) => [
      name,
      name === '$ref' && typeof member === 'string' ? follow(member) : copy(member),
    ])
    return Object.fromEntries(members)
  }
  return copy(json) as JsonObject
}
