// Lets a service go on where it was, under the new names of its sources and subscribers, before its subscriptions start.

import type { ServiceCore } from '../core/service-core.ts'
import { renameSources } from './rename-sources.ts'
import { renameSubscribers } from './rename-subscribers.ts'

/** Moves what is stored under old names: `renamed` has those of sources, by the new ones. */
export async function takeUpRenamed(core: ServiceCore, renamed: Readonly<Record<string, string>>): Promise<void> {
  await renameSources(core, renamed)
  await renameSubscribers(core)
}
