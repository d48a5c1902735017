// Decides which groups an instance takes and which it gives back, so that all instances have about as many.
// Invariant: nothing moves without need. All who decide from the same rows come to the same shares.

import { aliveIn, type Leases } from './lease-rows.ts'

/** What an instance does next. */
export interface Share {
  /** Free groups that it takes, in order. */
  readonly take: readonly string[]
  /** How many of its groups it gives back, so that others have their share. */
  readonly giveCount: number
}

/** The instance that decides. */
export interface Claimant {
  readonly name: string
  /** Whether it could take a group. */
  readonly canTake: (group: string) => boolean
}

/** The share of an instance in all groups of its service. */
export function shareOf(all: Leases, groups: readonly string[], { name, canTake }: Claimant): Share {
  const counts = new Map(newestOf(all, name).map((instance) => [instance, 0]))
  // Older code does nothing while there is newer code.
  if (!counts.has(name)) return { take: [], giveCount: groups.length }
  const free: string[] = []
  for (const group of groups) {
    const holder = all.leases.get(group)?.holder
    if (holder === undefined || canTake(group)) free.push(group)
    else if (counts.has(holder)) counts.set(holder, (counts.get(holder) ?? 0) + 1)
  }
  const held = counts.get(name) ?? 0
  const target = targetOf(counts, groups.length, name)
  return { take: inOwnOrder(free, name).slice(0, Math.max(0, target - held)), giveCount: Math.max(0, held - target) }
}

// The instances that are alive and have the newest code that is alive. The one that decides is, even if its heartbeat has just expired.
function newestOf(all: Leases, decider: string): readonly string[] {
  const alive = [...new Set([...aliveIn(all), decider])]
  const codeOf = (name: string) => all.instances.get(name)?.code ?? 0
  const newest = Math.max(...alive.map(codeOf))
  return alive.filter((name) => codeOf(name) === newest)
}

// Everybody has the floor; what is left over goes to those who have most already, so that it need not move.
function targetOf(counts: ReadonlyMap<string, number>, groupCount: number, name: string): number {
  const floor = Math.floor(groupCount / counts.size)
  const left = groupCount - floor * counts.size
  const byCount = [...counts].sort(([a, ofA], [b, ofB]) => ofB - ofA || (a < b ? -1 : 1))
  return floor + (byCount.findIndex(([instance]) => instance === name) < left ? 1 : 0)
}

// Each instance begins elsewhere, so that several that start at the same moment seldom want the same group.
function inOwnOrder(groups: readonly string[], name: string): readonly string[] {
  let start = 0
  for (let index = 0; index < name.length; index++) start = (start * 31 + name.charCodeAt(index)) % groups.length
  return [...groups.slice(start), ...groups.slice(0, start)]
}
