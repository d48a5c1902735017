// Folds a history with a projection without using the runtime: its steps, one event after the other, on rows in a map.

import {
  type Page,
  type PageOptions,
  type ProjectionDeclaration,
  type ProjectionStep,
  type ReadOptions,
  type TableDefinition,
  type TableWriter,
  TidingsError,
} from 'tidings'
import { metaOf, readVersion, validateLatest } from 'tidings/contracts'
import { type ColumnValue, compareColumns, compareText, type StoredFact } from 'tidings/ports'
import { readData } from '../../world/read-log.ts'
import type { RowEvidence, ServiceEvidence } from './evidence.ts'

type Rows = Map<string, string>

/** The rows of the read models that a projection writes, by the names its service gives them. */
export async function foldProjection(
  projection: ProjectionDeclaration,
  { service, facts }: ServiceEvidence,
  services: ReadonlyMap<string, ServiceEvidence>,
): Promise<ReadonlyMap<string, readonly RowEvidence[]>> {
  const rows = new Map<string, Rows>(projection.writes.map((name) => [name, new Map()]))
  const tables = Object.fromEntries(
    [...rows].map(([name, kept]) => [name, tableOver(service.readModels[name] as TableDefinition, kept)]),
  )
  const sources = new Set(projection.steps.flatMap((step) => (step.on === 'event' ? [step.event.owner] : [])))
  for (const source of sources) {
    for (const event of services.get(source)?.published ?? []) {
      for (const step of projection.steps) {
        if (step.on !== 'event' || step.event.name !== event.type) continue
        if ((step.when === 'retracted') !== (event.data === null)) continue
        const data = event.data === null ? event.key : readData(step.event, event)
        await step.run(data, { tables, event: metaOf(event) })
      }
    }
  }
  for (const fact of facts)
    for (const step of projection.steps)
      if (step.on === 'fact' && step.decider.name === fact.category && step.fact === fact.type)
        await step.run(readFact(step, fact), { tables, fact: metaOfFact(fact) })
  return new Map(
    [...rows].map(([name, kept]) => [name, [...kept].map(([key, json]) => ({ key, row: JSON.parse(json) }))]),
  )
}

function readFact(step: Extract<ProjectionStep, { on: 'fact' }>, { type, version, data }: StoredFact): unknown {
  const definition = step.decider.facts[type]
  const value: unknown = JSON.parse(data)
  if (definition === undefined || version === definition.chain.latest.version) return value
  return readVersion(definition.chain, { version, readableFrom: version, data: value })
}

function metaOfFact(fact: StoredFact) {
  const { type, stream, streamVersion, correlationId, causationId, principal, tenant } = fact
  const times = { occurredAt: new Date(fact.occurredAt), recordedAt: new Date(fact.recordedAt) }
  return { type, stream, streamVersion, ...times, correlationId, causationId, principal, tenant }
}

/** The most rows of a read without a limit. */
const rowsMax = 10_000

// The methods of a table writer, over a map of JSON texts.
function tableOver(definition: TableDefinition, rows: Rows): TableWriter<unknown, unknown> {
  const decode = (json: string | undefined): unknown => (json === undefined ? undefined : JSON.parse(json))
  const select = (
    matches: (row: Record<string, unknown>) => boolean,
    { limit, after, reverse = false }: ReadOptions = {},
  ) => {
    const sign = reverse ? -1 : 1
    const found = [...rows]
      .filter(([key, json]) => (after === undefined || compareText(key, after) * sign > 0) && matches(JSON.parse(json)))
      .sort(([a], [b]) => compareText(a, b) * sign)
    if (limit === undefined && found.length > rowsMax)
      throw new TidingsError(
        'TOO_MANY_ROWS',
        `Table ${definition.name} has more than ${rowsMax} of the rows asked for.`,
      )
    return found.slice(0, limit).map(([, json]) => decode(json))
  }
  return {
    page: async (options) => pageOf(rows, options),
    get: async (key) => decode(rows.get(key)),
    getMany: async (keys) => keys.map((key) => decode(rows.get(key))),
    find: async (index, value, options) => select((row) => row[index] === value, options),
    list: async (options) => select(() => true, options),
    put: (input) => {
      const row = validateLatest(definition.chain, input)
      rows.set(definition.keyOf(row), JSON.stringify(row))
    },
    remove: (key) => {
      rows.delete(key)
    },
  }
}

// All rows of a page's reading in order; `next` names the last row of the page by its value and key.
function pageOf(
  rows: Rows,
  { where = {}, search = '', sort, reverse = false, size = 100, after }: PageOptions = {},
): Page<unknown> {
  const sign = reverse ? -1 : 1
  const inOrder = (a: Place, b: Place) => (compareColumns(a.value, b.value) || compareText(a.key, b.key)) * sign
  const wanted = Object.entries(where).filter(([, value]) => value !== undefined)
  const behind = after === undefined ? undefined : (JSON.parse(after) as Place)
  const found = [...rows]
    .map(([key, json]) => {
      const row = JSON.parse(json) as Readonly<Record<string, ColumnValue>>
      return { key, row, value: sort === undefined ? null : (row[sort] ?? null) }
    })
    .filter(({ row }) => wanted.every(([field, value]) => (row[field] ?? null) === value))
    .filter(({ key, row }) => hasText([key, row], search.toLowerCase()))
    .filter((place) => behind === undefined || inOrder(place, behind) > 0)
    .sort(inOrder)
  const last = found.length > size ? found[size - 1] : undefined
  const next = last === undefined ? undefined : JSON.stringify({ key: last.key, value: last.value } satisfies Place)
  return { rows: found.slice(0, size).map(({ row }) => row), next }
}

interface Place {
  readonly key: string
  readonly value: ColumnValue
}

function hasText(value: unknown, text: string): boolean {
  if (typeof value === 'string') return value.toLowerCase().includes(text)
  if (typeof value === 'number') return String(value).includes(text)
  return typeof value === 'object' && value !== null && Object.values(value).some((each) => hasText(each, text))
}
