// Numbers the code of a service in the order in which it was first started on a store, so that instances know whose is newer while a deployment rolls.
// Invariant: code that was started before keeps its number, so an old instance that starts again does not count as new.

import type { Service } from '../../services/index.ts'
import type { ServiceCore } from '../core/service-core.ts'
import { fingerprint } from '../unit-of-work/fingerprint.ts'
import { readDocument, systemTables } from '../unit-of-work/system-tables.ts'
import { UnitOfWork } from '../unit-of-work/unit-of-work.ts'

/** The numbers of the code that was started, by its fingerprint. */
type Known = Readonly<Record<string, number>>

/** The number of this code, and of the newest that was ever started. */
export interface CodeNumber {
  readonly own: number
  readonly newest: number
}

/** The most that are kept; code that was last started longer ago counts as new. */
const keptMax = 100
const keptUnder = 'code'

/** Finds out the number of this code, or gives it one. Call it while no other instance does. */
export async function numberCode(core: ServiceCore): Promise<CodeNumber> {
  const kept = await readDocument<Known>(core.store, systemTables.run, keptUnder)
  const known = kept?.document ?? {}
  const newest = Math.max(0, ...Object.values(known))
  const mark = fingerprint(declaredIn(core.service))
  const own = known[mark]
  if (own !== undefined) return { own, newest }
  const all = [...Object.entries(known), [mark, newest + 1] as const].sort(([, a], [, b]) => b - a).slice(0, keptMax)
  const unit = new UnitOfWork(core.store)
  unit.check({ table: systemTables.run, key: keptUnder, revision: kept?.revision ?? 0 })
  unit.putDocument(systemTables.run, keptUnder, Object.fromEntries(all))
  await core.commit(unit)
  return { own: newest + 1, newest: newest + 1 }
}

/** What of the code decides who can do what: what it declares. Functions with the same declaration can stand in for each other. */
function declaredIn(service: Service): string {
  return JSON.stringify({
    handlers: service.handlers.map(({ name, subscriber, event }) => [
      name,
      subscriber,
      event.name,
      event.chain.latest.version,
    ]),
    projections: service.projections.map(({ name, writes, steps }) => [name, writes, steps.length]),
    readModels: Object.entries(service.readModels).map(([name, table]) => [
      name,
      table.chain.latest.version,
      table.indexes,
    ]),
    tables: Object.entries(service.tables).map(([name, table]) => [name, table.chain.latest.version, table.indexes]),
    replicas: Object.entries(service.replicas).map(([name, { of, indexes }]) => [
      name,
      of.name,
      of.chain.latest.version,
      indexes,
    ]),
    timers: Object.keys(service.timers),
    effects: service.effects.map(({ effect }) => effect.name),
    processes: service.processes.map(({ name, subscriber }) => [name, subscriber]),
    commands: service.commands.map(({ command }) => command.name),
    deciders: service.deciders.map(({ decider }) => decider.name),
  })
}
