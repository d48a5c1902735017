// Notices versions that were edited after data were stored under them: the service keeps the shape of each version in its store, and
// compares it when it starts. Invariant: it is found once and stays found until it is accepted; shapes that only got wider are kept too,
// because data may have been stored under each of them.

import {
  hasUnderivable,
  type Narrowing,
  narrowingsOf,
  normalShape,
  type Shape,
  shapeOf,
} from '../../contracts/index.ts'
import { TidingsError } from '../../errors/index.ts'
import type { ServiceCore } from '../core/service-core.ts'
import { keptShapesTable, readDocument } from '../unit-of-work/system-tables.ts'
import { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import { type StoredVersion, storedVersions } from './stored-versions.ts'

/** What a service does when it starts and finds an edited version: logs a warning, or refuses to start. */
export type EditedVersions = 'warn' | 'refuse'

/** A member of a version that was edited after data were stored under it; stored data may not fit. */
export interface EditedVersion {
  /** `Event shop.order-placed`. */
  readonly what: string
  readonly version: number
  /** The member as a JSON pointer; `''` is the whole. */
  readonly member: string
  /** `is required now`. */
  readonly change: string
}

/** What a service knows about edits of the versions under which it stores data. */
export interface VersionsStatus {
  /** How many versions were compared with what was kept of them. */
  readonly checked: number
  /** Versions of which the schema library derives no JSON Schema, or not all of it: `Table orders version 1`. */
  readonly notChecked: readonly string[]
  readonly edited: readonly EditedVersion[]
}

interface KeptShapes {
  /** Every shape under which data may have been stored, the latest last. */
  readonly shapes: readonly Shape[]
}

interface Comparison {
  readonly stored: StoredVersion
  readonly current: Shape
  readonly kept: readonly Shape[]
  readonly found: readonly Narrowing[]
}

/** The most shapes of a version that are kept. */
const shapesMax = 20

/**
 * Compares every version with what was kept of it, and keeps what is new; logs each edit as a warning.
 *
 * Throws `VERSION_EDITED` if edits are refused; then nothing is kept.
 */
export async function checkVersions(core: ServiceCore, mode: EditedVersions): Promise<VersionsStatus> {
  const { comparisons, status } = await compareAll(core)
  if (status.edited.length > 0 && mode === 'refuse') throw versionEdited(core, status.edited)
  for (const edit of status.edited) {
    core.log.warn('A version was edited after data were stored under it; stored data may not fit', {
      ...edit,
      next: `npx tidings accept-versions ${core.service.name}`,
    })
  }
  await keep(core, comparisons, ({ kept, current }) => shapesWith(kept, current))
  return status
}

/** Accepts all edits: from now on, versions are compared with the shapes that they have now. Returns what was accepted. */
export async function acceptVersions(core: ServiceCore): Promise<VersionsStatus> {
  const { comparisons, status } = await compareAll(core)
  await keep(core, comparisons, ({ current }) => [current])
  return status
}

async function compareAll(core: ServiceCore) {
  await core.store.ensureTable({ name: keptShapesTable, indexes: [] })
  const comparisons: Comparison[] = []
  const notChecked: string[] = []
  for (const stored of storedVersions(core)) {
    const shape = shapeOf(stored.schema)
    const current = shape === undefined ? undefined : normalShape(shape)
    if (current === undefined || hasUnderivable(current)) notChecked.push(`${stored.what} version ${stored.version}`)
    if (current !== undefined) comparisons.push(await compareOne(core, stored, current))
  }
  const edited = comparisons.flatMap(({ stored: { what, version }, found }) =>
    found.map(({ path, change }): EditedVersion => ({ what, version, member: path, change })),
  )
  return { comparisons, status: { checked: comparisons.length, notChecked, edited } satisfies VersionsStatus }
}

async function compareOne(core: ServiceCore, stored: StoredVersion, current: Shape): Promise<Comparison> {
  const document = await readDocument<KeptShapes>(core.store, keptShapesTable, stored.key)
  const kept = document?.document.shapes ?? []
  const found = kept
    .flatMap((earlier) => narrowingsOf(earlier, current))
    .filter(({ path }, index, all) => all.findIndex((other) => other.path === path) === index)
  // An edit before anything was stored is what everybody does while they write a contract.
  if (found.length > 0 && !(await stored.isUsed())) return { stored, current, kept: [], found: [] }
  return { stored, current, kept, found }
}

/** The kept shapes and the current one, which is the last, each once. */
function shapesWith(kept: readonly Shape[], current: Shape): readonly Shape[] {
  const text = JSON.stringify(current)
  return [...kept.filter((earlier) => JSON.stringify(earlier) !== text), current].slice(-shapesMax)
}

async function keep(
  core: ServiceCore,
  comparisons: readonly Comparison[],
  shapesOf: (comparison: Comparison) => readonly Shape[],
): Promise<void> {
  const unit = new UnitOfWork(core.store)
  for (const comparison of comparisons) {
    const shapes = shapesOf(comparison)
    if (JSON.stringify(shapes) === JSON.stringify(comparison.kept)) continue
    unit.putDocument(keptShapesTable, comparison.stored.key, { shapes } satisfies KeptShapes)
  }
  if (unit.hasWrites) await core.commit(unit)
}

function versionEdited(core: ServiceCore, edited: readonly EditedVersion[]): TidingsError {
  const shown = edited
    .slice(0, 3)
    .map(({ what, version, member, change }) => `${what} version ${version}: ${member || 'it'} ${change}`)
  const more = edited.length > shown.length ? ` (and ${edited.length - shown.length} more)` : ''
  return new TidingsError(
    'VERSION_EDITED',
    `${core.service.name} has versions that were edited after data were stored under them: ${shown.join('; ')}${more}.`,
    {
      hint: `Undo the edit and add a version with an upcaster. Or, if the stored data fit, run \`tidings accept-versions ${core.service.name}\` and start again; \`tidings dev\` starts again when you save a file.`,
      details: { service: core.service.name, edited },
    },
  )
}
