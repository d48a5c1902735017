// Lets a service go on where it was, under the new names of its sources and subscribers and in their partitions, before its subscriptions start.

import type { ServiceCore } from '../core/service-core.ts'
import { renameSources } from './rename-sources.ts'
import { renameSubscribers } from './rename-subscribers.ts'
import { repartition } from './repartition.ts'

/** Moves what is stored under old names, or in other partitions: `renamed` has the old names of sources, by the new ones. */
export async function takeUpRenamed(core: ServiceCore, renamed: Readonly<Record<string, string>>): Promise<void> {
  await renameSources(core, renamed)
  await renameSubscribers(core)
  await repartition(core)
}
