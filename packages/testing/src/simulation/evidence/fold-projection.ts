// Folds a history with a projection without using the runtime: its steps, one event after the other, on rows in a map.

import type { ProjectionDeclaration, ProjectionStep, TableDefinition } from 'tidings'
import { metaOf, readVersion, validateLatest } from 'tidings/contracts'
import { compareText, type StoredFact } from 'tidings/ports'
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

interface Reading {
  readonly limit?: number
  readonly after?: string
  readonly reverse?: boolean
}

// The methods of a table writer, over a map of JSON texts.
function tableOver(definition: TableDefinition, rows: Rows) {
  const decode = (json: string | undefined): unknown => (json === undefined ? undefined : JSON.parse(json))
  const select = (
    matches: (row: Record<string, unknown>) => boolean,
    { limit = 100, after, reverse = false }: Reading = {},
  ) => {
    const sign = reverse ? -1 : 1
    return [...rows]
      .filter(([key, json]) => (after === undefined || compareText(key, after) * sign > 0) && matches(JSON.parse(json)))
      .sort(([a], [b]) => compareText(a, b) * sign)
      .slice(0, limit)
      .map(([, json]) => decode(json))
  }
  return {
    get: async (key: string) => decode(rows.get(key)),
    getMany: async (keys: readonly string[]) => keys.map((key) => decode(rows.get(key))),
    find: async (index: string, value: unknown, options?: Reading) => select((row) => row[index] === value, options),
    list: async (options?: Reading) => select(() => true, options),
    put: (input: unknown) => {
      const row = validateLatest(definition.chain, input)
      rows.set(definition.keyOf(row), JSON.stringify(row))
    },
    remove: (key: string) => {
      rows.delete(key)
    },
  }
}
