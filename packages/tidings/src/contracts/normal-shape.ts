// The parts of a JSON Schema that say which members, types and fixed values there are, in one form: without annotations, texts, rules for
// numbers and lengths, and in an order of its own. Invariant: two schemas that differ only in the rest have the same normal shape.

import { isRecord, listOf, type Shape, typesOf, underivable } from './shape.ts'

/** The normal shape of a JSON Schema. */
export function normalShape(shape: Shape): Shape {
  return normal(shape) as Shape
}

const lists = ['anyOf', 'allOf', 'prefixItems'] as const

function normal(shape: unknown): unknown {
  if (!isRecord(shape)) return shape === false ? false : {}
  const { $ref, $defs, definitions, oneOf, items, additionalProperties, properties, required } = shape
  const kept: Record<string, unknown> = {}
  if (typeof $ref === 'string') kept.$ref = $ref
  for (const [name, parts] of Object.entries({ $defs, definitions })) if (isRecord(parts)) kept[name] = members(parts)
  if (shape[underivable] === true) kept[underivable] = true
  const types = [...typesOf(shape)].sort()
  if (types.length > 0) kept.type = types
  const values = 'const' in shape ? [shape.const] : shape.enum
  if (Array.isArray(values)) kept.enum = values.map((value) => JSON.stringify(value)).sort()
  for (const name of lists) if (Array.isArray(shape[name])) kept[name] = shape[name].map(normal)
  if (Array.isArray(oneOf)) kept.anyOf = [...listOf(kept.anyOf), ...oneOf.map(normal)]
  if (isRecord(properties)) kept.properties = members(properties)
  if (Array.isArray(required) && required.length > 0) kept.required = [...required].sort()
  if (isRecord(additionalProperties)) kept.additionalProperties = normal(additionalProperties)
  if (isRecord(items)) kept.items = normal(items)
  if (Array.isArray(shape.prefixItems) && typeof shape.minItems === 'number') kept.minItems = shape.minItems
  return kept
}

function members(shapes: Shape): Shape {
  const names = Object.keys(shapes).sort()
  return Object.fromEntries(names.map((name) => [name, normal(shapes[name])]))
}

/** Whether a part of a shape was not derived, so that nothing is known about it. */
export function hasUnderivable(shape: unknown): boolean {
  if (Array.isArray(shape)) return shape.some(hasUnderivable)
  return isRecord(shape) && (shape[underivable] === true || Object.values(shape).some(hasUnderivable))
}
