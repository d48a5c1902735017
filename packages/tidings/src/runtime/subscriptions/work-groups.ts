// The groups that the work of a service is divided into. Where instances share a store, one instance does a group at a time.
// Invariant: the names are kept in the store, so they never change without a migration.

import type { ReadModel } from '../tables/read-models.ts'

/** Whether a group is to be done here. */
export type DoesGroup = (group: string) => boolean

/** Moves what is due to those who handle it, and deletes old answers. */
export const scheduleGroup = 'schedule'
/** Sends what was published to the broker. */
export const relayGroup = 'relay'

/** A read model as a whole: all its sources, and its rebuild. */
export function readModelGroup({ subscriber }: Pick<ReadModel, 'subscriber'>): string {
  return `read-model/${subscriber}`
}

/** The handlers of a subscriber for one source. */
export function handlersGroup(subscriber: string, source: string): string {
  return `subscriber/${subscriber}/${source}`
}

/** The due timers of a subscriber. */
export function timersGroup(subscriber: string): string {
  return `timers/${subscriber}`
}

/** An effect. */
export function effectGroup(effect: string): string {
  return `effect/${effect}`
}
