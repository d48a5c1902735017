// Which generation of each read model and replica serves reads. A rebuild fills the next generation beside it, then switches.

import { TidingsError } from '../../errors/index.ts'
import type { CommitConflict, RowCheck, Store } from '../../ports/index.ts'
import type { Limits, ProjectionDeclaration, Service } from '../../services/index.ts'
import { Signal } from '../concurrency/signal.ts'
import { readDocument, systemTables } from '../unit-of-work/system-tables.ts'
import { type BoundTable, boundTable } from './bind-tables.ts'
import { graceMs, readReplaced } from './replaced-generations.ts'
import { tableLayout } from './table-layout.ts'

/** A read model that is kept by a subscriber and can be rebuilt: a projection's tables, or a replica. */
export interface ReadModel {
  /** `projection.by-month`, `replica.customers`: the subscriber that keeps it. */
  readonly subscriber: string
  /** The name operators use: `by-month`, `customers`. */
  readonly name: string
  readonly kind: 'projection' | 'replica'
  readonly projection: ProjectionDeclaration | undefined
  /** Its tables, by the name user code gives them; names without generation. */
  readonly tables: Readonly<
    Record<string, { readonly base: string; readonly bound: (generation: () => number) => BoundTable }>
  >
  /** Names of further tables of a generation (a replica's versions). */
  readonly companions: readonly string[]
  /** The versions and indexes its rows depend on; when it changes, the read model is rebuilt. */
  readonly shape: string
}

/** The state of a read model, as stored. */
export interface ReadModelState {
  /** The generation that serves reads. */
  readonly generation: number
  readonly shape: string
  /** The generation that a rebuild is filling; absent if there is no rebuild. */
  readonly rebuilding?: number
  /** The highest generation that was ever begun, if it is above the one that serves reads: no number is used twice. */
  readonly begun?: number
}

/** The read models a service declares. */
export function readModelsOf(service: Service): readonly ReadModel[] {
  const projections = service.projections.map((projection): ReadModel => {
    const definitions = projection.writes.map(
      (name) => [name, service.readModels[name] as NonNullable<(typeof service.readModels)[string]>] as const,
    )
    return {
      subscriber: `projection.${projection.name}`,
      name: projection.name,
      kind: 'projection',
      projection,
      tables: Object.fromEntries(
        definitions.map(([name, definition]) => [
          name,
          {
            base: definition.name,
            bound: (generation: () => number) => boundTable(definition, () => `${definition.name}@${generation()}`),
          },
        ]),
      ),
      companions: [],
      shape: definitions
        .map(
          ([, definition]) => `${definition.name}:${definition.chain.latest.version}:${definition.indexes.join(',')}`,
        )
        .join(' '),
    }
  })
  const replicas = Object.entries(service.replicas).map(([name, { of, indexes }]): ReadModel => {
    const bound = (generation: () => number): BoundTable => ({
      physical: () => `${name}@${generation()}`,
      chain: of.chain,
      indexes,
      uniques: [],
      replica: name,
      keyOf: (row) => of.keyOf(row),
    })
    return {
      subscriber: `replica.${name}`,
      name,
      kind: 'replica',
      projection: undefined,
      tables: { [name]: { base: name, bound } },
      companions: [`${name}.versions`],
      shape: `${of.name}:${of.chain.latest.version}:${indexes.join(',')}`,
    }
  })
  return [...projections, ...replicas]
}

const none: readonly CommitConflict[] = []

/** The generations of a service's read models, as stored. */
export class Generations {
  readonly #states = new Map<string, { state: ReadModelState; revision: number }>()
  /** Fires when another generation of a read model serves reads. */
  readonly switched = new Signal()

  /**
   * Loads the states from the store, and deletes the tables of unused generations: where instances share the store, only those that none of them can be
   * reading any more. A new read model starts with generation 1.
   */
  async load(store: Store, readModels: readonly ReadModel[], limits: Limits): Promise<void> {
    // Names are read first, and states afterwards: if a table exists and no state names it, it will never be used again. In the other
    // order, such a table could belong to a generation that another process has begun in between.
    const names = await store.tableNames()
    for (const readModel of readModels) {
      const kept = await readDocument<ReadModelState>(store, systemTables.readModels, readModel.subscriber)
      if (kept === undefined) this.set(readModel, { generation: 1, shape: readModel.shape }, 0)
      else this.set(readModel, kept.document, kept.revision)
      await ensureGeneration(store, readModel, this.of(readModel).generation)
      const { generation, rebuilding } = this.of(readModel)
      const unused = [...generationsAmong(names, readModel)].filter(
        (other) => other !== generation && other !== rebuilding,
      )
      const stillRead = unused.length === 0 ? new Set() : await mayBeRead(store, readModel, limits)
      for (const other of unused) if (!stillRead.has(other)) await dropGeneration(store, readModel, other)
    }
  }

  /** Reads the state of a read model again: another runtime may have switched it, or a commit reported as failed may have been applied. */
  async refresh(store: Store, readModel: ReadModel): Promise<void> {
    await this.refreshAll(store, [readModel])
  }

  /** Reads the states of all read models again, in one read. */
  async refreshAll(store: Store, readModels: readonly ReadModel[]): Promise<void> {
    if (readModels.length === 0) return
    const keys = readModels.map(({ subscriber }) => subscriber)
    const rows = await store.getMany(systemTables.readModels, keys)
    for (const [index, readModel] of readModels.entries()) {
      const row = rows[index]
      if (row !== undefined && row.revision > this.revision(readModel))
        this.set(readModel, JSON.parse(row.json) as ReadModelState, row.revision)
    }
  }

  /** The checks that no longer hold: a unit of work has written inline into a generation that no longer serves reads. */
  staleChecks(checks: readonly RowCheck[]): readonly CommitConflict[] {
    if (checks.length === 0) return none
    const conflicts: CommitConflict[] = []
    for (const { table, key, revision } of checks) {
      if (table === systemTables.readModels && this.#states.get(key)?.revision !== revision)
        conflicts.push({ kind: 'row', table, key })
    }
    return conflicts
  }

  set(readModel: ReadModel, state: ReadModelState, revision: number): void {
    const before = this.#states.get(readModel.subscriber)
    this.#states.set(readModel.subscriber, { state, revision })
    if (before !== undefined && before.state.generation !== state.generation) this.switched.fire()
  }

  of(readModel: ReadModel): ReadModelState {
    return this.#entry(readModel).state
  }

  /** The revision of the state in the store; a unit of work that writes inline checks it. */
  revision(readModel: ReadModel): number {
    return this.#entry(readModel).revision
  }

  #entry(readModel: ReadModel) {
    const entry = this.#states.get(readModel.subscriber)
    if (entry === undefined)
      throw new TidingsError('INVARIANT', `Invariant broken: read model ${readModel.name} was not loaded`)
    return entry
  }
}

// The replaced generations that a function of another instance may be reading now.
async function mayBeRead(store: Store, readModel: ReadModel, limits: Limits): Promise<ReadonlySet<number>> {
  const sharesStore = store.capabilities.writers === 'many'
  const replaced = sharesStore ? await readReplaced(store, readModel) : new Map<number, number>()
  if (replaced.size === 0) return new Set()
  const now = await store.now()
  return new Set([...replaced].filter(([, at]) => at + graceMs(limits, sharesStore) > now).map(([other]) => other))
}

/** Creates the missing tables of a generation. */
export async function ensureGeneration(store: Store, readModel: ReadModel, generation: number): Promise<void> {
  for (const { base, bound } of Object.values(readModel.tables)) {
    await store.ensureTable(
      tableLayout(
        `${base}@${generation}`,
        bound(() => generation),
      ),
    )
  }
  for (const companion of readModel.companions)
    await store.ensureTable({ name: `${companion}@${generation}`, indexes: [] })
}

// The generations that have tables, including those of a rebuild that was killed.
function generationsAmong(names: readonly string[], readModel: ReadModel): ReadonlySet<number> {
  const bases = [...Object.values(readModel.tables).map(({ base }) => base), ...readModel.companions]
  const there = new Set<number>()
  for (const name of names) {
    const [base = '', number] = name.split('@')
    if (number !== undefined && bases.includes(base)) there.add(Number(number))
  }
  return there
}

/** Deletes the tables of a generation. */
export async function dropGeneration(store: Store, readModel: ReadModel, generation: number): Promise<void> {
  for (const { base } of Object.values(readModel.tables)) await store.dropTable(`${base}@${generation}`)
  for (const companion of readModel.companions) await store.dropTable(`${companion}@${generation}`)
}
