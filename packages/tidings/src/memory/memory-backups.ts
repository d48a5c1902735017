// The backups of the in-memory driver: copies of a store's state, kept in memory under their file names.
// Invariant: a backup shares nothing with the store, so later writes do not change it.

import { TidingsError } from '../errors/index.ts'
import { epochsAfterRestore, type StoreBackups } from '../ports/index.ts'
import { copyState, type StoreState } from './memory-commit.ts'

/** A store as it was at one moment. */
interface Backup {
  readonly service: string
  readonly state: StoreState
}

/** What backups need of a driver. */
export interface BackedUp {
  readonly states: Map<string, StoreState>
  /** Throws `STORE_LOCKED` if the store is open. */
  readonly refuseIfOpen: (service: string) => void
}

/** Creates the backups of a driver; they live as long as the driver. */
export function memoryBackups({ states, refuseIfOpen }: BackedUp): StoreBackups {
  const backups = new Map<string, Backup>()
  const stateOf = (service: string): StoreState => {
    const state = states.get(service)
    if (state !== undefined) return state
    throw invalid(`There is no store of ${service}.`, 'Check the name of the service.')
  }
  return {
    backUp: ({ service, toFile }) => {
      const state = stateOf(service)
      if (backups.has(toFile))
        throw invalid(`The backup ${toFile} exists already.`, 'Choose a name that does not exist yet.')
      backups.set(toFile, { service, state: copyState(state) })
    },
    restore: ({ service, fromFile, ids }) => {
      const backup = backups.get(fromFile)
      if (backup === undefined)
        throw invalid(`There is no backup ${fromFile}.`, 'Choose a backup that this driver made.')
      if (backup.service !== service) {
        throw new TidingsError('CORRUPT_DATA', `${fromFile} is the store of ${backup.service}, not of ${service}.`, {
          hint: `Restore it as the store of ${backup.service}.`,
        })
      }
      refuseIfOpen(service)
      const restored = copyState(backup.state)
      const earlierEpochs = epochsAfterRestore(restored, restored.log.head, states.get(service))
      states.set(service, { ...restored, epoch: ids.next(), earlierEpochs: [...earlierEpochs] })
    },
    check: ({ service, onProgress }) => {
      const state = stateOf(service)
      const eventCount = Number(state.log.head || 0)
      const factCount = Number(state.streams.head || 0)
      onProgress?.({ done: eventCount + factCount, total: eventCount + factCount })
      // Memory is not damaged.
      return { eventCount, factCount, uncheckedCount: eventCount + factCount, damages: [] }
    },
  }
}

function invalid(message: string, hint: string): TidingsError {
  return new TidingsError('CONFIG_INVALID', message, { hint })
}
