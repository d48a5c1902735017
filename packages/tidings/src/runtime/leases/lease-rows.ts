// Who holds what, as rows of the store that several instances of a service share: a heartbeat row for each instance, and a row for each lease.
// Invariant: the revision of a lease's row is its generation. It changes only with the holder, so a renewal never fences its own holder out.

import type { RowCheck, Store } from '../../ports/index.ts'
import { sharedTables } from '../unit-of-work/system-tables.ts'

/** An instance, as stored under its name. */
export interface InstanceRow {
  /** The id of its run: a new one for each start. */
  readonly run: string
  /** When it counts as dead unless it renews, by the store's clock. */
  readonly expiresAt: number
  /** The number of its code: that of newer code is higher. 0 until it is known. */
  readonly code: number
}

/** A lease, as stored under the name of its group. */
export interface LeaseRow {
  /** The name of the instance that holds it. */
  readonly holder: string
  /** The run of that instance. */
  readonly run: string
}

/** A row and its revision. */
export type Kept<T> = T & { readonly revision: number }

/** All instances and leases of a store, as they are at one moment. */
export interface Leases {
  /** The time by the store's clock, read before the rows. */
  readonly now: number
  readonly instances: ReadonlyMap<string, Kept<InstanceRow>>
  readonly leases: ReadonlyMap<string, Kept<LeaseRow>>
}

/** The most rows that are read of each: a service has far fewer groups, and instances. */
const rowsMax = 10_000

/** Reads who holds what. */
export async function readLeases(store: Store): Promise<Leases> {
  // Asked anew: the clock that an instance keeps goes by its monotonic one, which stands still while its machine is suspended.
  const now = await store.now()
  // The leases first: a lease whose holder is gone by the time the instances are read is free.
  const leases = await rowsOf<LeaseRow>(store, sharedTables.leases)
  const instances = await rowsOf<InstanceRow>(store, sharedTables.instances)
  return { now, instances, leases }
}

async function rowsOf<T>(store: Store, table: string): Promise<ReadonlyMap<string, Kept<T>>> {
  const rows = await store.find({ table, limit: rowsMax })
  return new Map(rows.map(({ key, json, revision }) => [key, { ...(JSON.parse(json) as T), revision }]))
}

/** Whether an instance counts as alive. */
export function isAlive({ instances, now }: Leases, name: string): boolean {
  return (instances.get(name)?.expiresAt ?? 0) > now
}

/** Whether a lease can be taken: nobody has it, or its holder is dead or has started anew. */
export function isFree(all: Leases, group: string): boolean {
  const lease = all.leases.get(group)
  if (lease === undefined) return true
  return all.instances.get(lease.holder)?.run !== lease.run || !isAlive(all, lease.holder)
}

/** What the commit that takes a free lease checks: that it is still as it was read, and that its dead holder has not renewed meanwhile. */
export function checksToTake({ leases, instances }: Leases, group: string): readonly RowCheck[] {
  const lease = leases.get(group)
  const check = { table: sharedTables.leases, key: group, revision: lease?.revision ?? 0 }
  if (lease === undefined) return [check]
  const { holder } = lease
  return [check, { table: sharedTables.instances, key: holder, revision: instances.get(holder)?.revision ?? 0 }]
}

/** The names of the instances that are alive. */
export function aliveIn(all: Leases): readonly string[] {
  return [...all.instances.keys()].filter((name) => isAlive(all, name))
}

/** Dead instances that hold nothing any more, with their rows. */
export function idleDead(all: Leases): readonly (readonly [string, Kept<InstanceRow>])[] {
  const holders = new Set([...all.leases.values()].map(({ holder }) => holder))
  return [...all.instances].filter(([name]) => !isAlive(all, name) && !holders.has(name))
}
