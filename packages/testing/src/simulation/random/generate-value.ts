// Generates values from a schema: from its JSON Schema, if the schema library gives one, and checked by the schema itself.
// Ids come from a small pool, so that commands often share a key.

import type { Schema } from 'tidings'
import type { Chance } from './chance.ts'

type JsonSchema = Readonly<Record<string, unknown>>

const triesMax = 30

/** A value that the schema accepts; `undefined` if none was found. */
export function generateValue(schema: Schema, shape: JsonSchema | undefined, chance: Chance): unknown {
  if (shape === undefined) return undefined
  for (let tries = 0; tries < triesMax; tries++) {
    const value = generate(shape, shape, chance, 0)
    const result = schema['~standard'].validate(value)
    if (!(result instanceof Promise) && result.issues === undefined) return value
  }
  return undefined
}

const depthMax = 6

function generate(shape: JsonSchema, root: JsonSchema, chance: Chance, depth: number): unknown {
  if (typeof shape.$ref === 'string') return generate(resolved(shape.$ref, root), root, chance, depth + 1)
  if ('const' in shape) return shape.const
  if (Array.isArray(shape.enum)) return chance.pick(shape.enum)
  const choices = (shape.anyOf ?? shape.oneOf) as readonly JsonSchema[] | undefined
  if (choices !== undefined && choices.length > 0) return generate(chance.pick(choices), root, chance, depth + 1)
  if (Array.isArray(shape.allOf))
    return generate(Object.assign({}, ...(shape.allOf as object[])) as JsonSchema, root, chance, depth + 1)
  const type = Array.isArray(shape.type) ? chance.pick(shape.type as string[]) : shape.type
  switch (type) {
    case 'object':
      return objectOf(shape, root, chance, depth)
    case 'array':
      return arrayOf(shape, root, chance, depth)
    case 'string':
      return textOf(shape, chance)
    case 'integer':
      return wholeOf(shape, chance)
    case 'number':
      return chance.happens(0.5) ? wholeOf(shape, chance) : wholeOf(shape, chance) + 0.5
    case 'boolean':
      return chance.happens(0.5)
    default:
      return null
  }
}

function resolved(reference: string, root: JsonSchema): JsonSchema {
  let found: unknown = root
  for (const part of reference.split('/').slice(1)) found = (found as Record<string, unknown> | undefined)?.[part]
  return (found ?? {}) as JsonSchema
}

function objectOf(shape: JsonSchema, root: JsonSchema, chance: Chance, depth: number): unknown {
  const properties = (shape.properties ?? {}) as Readonly<Record<string, JsonSchema>>
  const required = new Set((shape.required ?? []) as readonly string[])
  const value: Record<string, unknown> = {}
  for (const [name, member] of Object.entries(properties)) {
    if (!required.has(name) && (depth > depthMax || chance.happens(0.5))) continue
    value[name] = generate(member, root, chance, depth + 1)
  }
  return value
}

function arrayOf(shape: JsonSchema, root: JsonSchema, chance: Chance, depth: number): unknown {
  const least = Number(shape.minItems ?? 0)
  const most = depth > depthMax ? least : Math.min(Number(shape.maxItems ?? least + 3), least + 3)
  const items = (shape.items ?? {}) as JsonSchema
  return Array.from({ length: chance.whole(least, most) }, () => generate(items, root, chance, depth + 1))
}

function wholeOf(shape: JsonSchema, chance: Chance): number {
  const least = Math.max(Number(shape.minimum ?? Number(shape.exclusiveMinimum ?? -1) + 1), Number.MIN_SAFE_INTEGER)
  const most = Number(shape.maximum ?? Number(shape.exclusiveMaximum ?? least + 101) - 1)
  return chance.whole(Math.ceil(least), Math.min(Math.floor(most), Math.ceil(least) + 1_000))
}

const pool = 4

function textOf(shape: JsonSchema, chance: Chance): string {
  const number = chance.whole(1, pool)
  if (shape.format === 'date-time')
    return new Date(Date.UTC(2026, 0, chance.whole(1, 28), chance.whole(0, 23))).toISOString()
  if (shape.format === 'date') return `2026-01-${String(chance.whole(1, 28)).padStart(2, '0')}`
  if (shape.format === 'uuid') return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`
  if (shape.format === 'email') return `person-${number}@example.com`
  if (shape.format === 'uri') return `https://example.com/${number}`
  const least = Number(shape.minLength ?? 0)
  const most = Number(shape.maxLength ?? Number.POSITIVE_INFINITY)
  const pattern = patternOf(shape.pattern)
  const candidates = [
    `id-${number}`,
    `${number}`,
    `a${number}`,
    `id-${number}/${number}`,
    `0${number}`.repeat(2),
    'AB',
    '12345',
    '👍',
  ]
  const fitting = candidates
    .map((text) => text.padEnd(least, 'x').slice(0, most))
    .filter((text) => pattern?.test(text) ?? true)
  return fitting[0] ?? ''
}

// A pattern that JavaScript cannot parse is left to the schema itself.
function patternOf(text: unknown): RegExp | undefined {
  if (typeof text !== 'string') return undefined
  for (const flags of ['u', 'v']) {
    try {
      return new RegExp(text, flags)
    } catch {}
  }
  return undefined
}
