// The versions under which a service stores data: its events, facts, rows, timers and effects, those of process managers included.
// Invariant: each has a key of its own, which never changes; a new generation of a read model has new keys, because its rows are new.

import type { EffectContract, Schema, VersionChain } from '../../contracts/index.ts'
import type { Store } from '../../ports/index.ts'
import type { Service, Timers } from '../../services/index.ts'
import type { ServiceCore } from '../core/service-core.ts'
import { serviceTimers } from '../schedule/scheduled-item.ts'
import { readScheduled } from '../schedule/scheduled-row.ts'
import { keysUnder, pagesOfRows } from '../unit-of-work/pages-of-rows.ts'
import { systemTables } from '../unit-of-work/system-tables.ts'

/** A version under which a service stores data. */
export interface StoredVersion {
  /** Its key among the kept shapes. */
  readonly key: string
  /** What it describes: `Event shop.order-placed`. */
  readonly what: string
  readonly version: number
  readonly schema: Schema
  /** Whether the store has data of this version. It may read all data of that kind. */
  readonly isUsed: () => Promise<boolean>
}

/** All versions under which a service stores data. */
export function storedVersions(core: ServiceCore): readonly StoredVersion[] {
  const { service, store } = core
  return [
    ...service.publishes.flatMap(({ name, chain }) =>
      versionsOf(`event/${name}`, `Event ${name}`, chain, (version) => hasEvent(store, name, version)),
    ),
    ...factChains(service).flatMap(({ category, type, chain }) =>
      versionsOf(`fact/${category}/${type}`, `Fact ${type} of ${category}`, chain, (version) =>
        hasFact(store, category, type, version),
      ),
    ),
    ...tables(core).flatMap(({ table, what, chain }) =>
      versionsOf(`row/${table}`, what, chain, (version) => hasRow(store, table, version)),
    ),
    ...timerChains(service).flatMap(({ owner, name, what, chain }) =>
      versionsOf(`timer/${owner}/${name}`, what, chain, (version) =>
        hasItem(store, `timer/${owner}/${name}/`, version),
      ),
    ),
    ...effects(service).flatMap(({ name, chain }) =>
      versionsOf(`effect/${name}`, `Effect ${name}`, chain, (version) => hasItem(store, `effect/${name}/`, version)),
    ),
  ]
}

function versionsOf(
  prefix: string,
  what: string,
  { versions }: VersionChain,
  isUsed: (version: number) => Promise<boolean>,
): StoredVersion[] {
  return versions.map(({ version, schema }) => ({
    key: `${prefix}/${version}`,
    what,
    version,
    schema,
    isUsed: () => isUsed(version),
  }))
}

function factChains({ deciders, processes }: Service) {
  const all = [...deciders.map(({ decider }) => decider), ...processes.map(({ decider }) => decider)]
  return all.flatMap(({ name, facts }) =>
    Object.entries(facts).map(([type, { chain }]) => ({ category: name, type, chain })),
  )
}

function tables({ service, readModels, generations }: ServiceCore) {
  const own = Object.values(service.tables).map(({ name, chain }) => ({ table: name, what: `Table ${name}`, chain }))
  const kept = readModels.flatMap((readModel) =>
    Object.entries(readModel.tables).map(([name, { bound }]) => {
      const { physical, chain } = bound(() => generations.of(readModel).generation)
      const what = `${readModel.kind === 'replica' ? 'Replica' : 'Read model'} ${name}`
      return { table: physical(), what, chain }
    }),
  )
  return [...own, ...kept]
}

function timerChains({ timers, processes }: Service) {
  const of = (owner: string, declared: Timers, suffix: string) =>
    Object.entries(declared).map(([name, { chain }]) => ({ owner, name, what: `Timer ${name}${suffix}`, chain }))
  return [
    ...of(serviceTimers, timers, ''),
    ...processes.flatMap((manager) => of(manager.name, manager.timers, ` of process ${manager.name}`)),
  ]
}

function effects(service: Service): readonly EffectContract[] {
  const { commands, handlers, timerHandlers, processes } = service
  const requested = [...commands, ...handlers, ...timerHandlers, ...processes, ...service.effects].flatMap(
    ({ requests }) => requests,
  )
  const all = [...requested, ...service.effects.map(({ effect }) => effect)]
  return [...new Map(all.map((effect) => [effect.name, effect])).values()]
}

const pageCount = 1_000

async function hasEvent(store: Store, type: string, version: number): Promise<boolean> {
  for (let after = ''; ; ) {
    const page = await store.readEventLog({ after, limit: pageCount, types: [type] })
    if (page.events.some((event) => event.version === version && event.data !== null)) return true
    if (page.next === after || page.next >= page.head) return false
    after = page.next
  }
}

async function hasFact(store: Store, category: string, type: string, version: number): Promise<boolean> {
  for (let after = ''; ; ) {
    const page = await store.readFacts({ after, limit: pageCount, categories: [category] })
    if (page.facts.some((fact) => fact.type === type && fact.version === version)) return true
    if (page.next === after || page.next >= page.head) return false
    after = page.next
  }
}

async function hasRow(store: Store, table: string, version: number): Promise<boolean> {
  for await (const rows of pagesOfRows(store, { table }))
    if (rows.some(({ schemaVersion }) => schemaVersion === version)) return true
  return false
}

// An item stays in the schedule until it was handled, also while it is being retried or is parked.
async function hasItem(store: Store, prefix: string, version: number): Promise<boolean> {
  for await (const rows of pagesOfRows(store, { table: systemTables.schedule, ...keysUnder(prefix) }))
    if (rows.some((row) => readScheduled(row).item.version === version)) return true
  return false
}
