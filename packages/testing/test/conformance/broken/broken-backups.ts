// Backups that lose a guarantee.

import type { BackupRequest, RestoreRequest, StoreBackups } from 'tidings/ports'
import type { Mutation } from './break-driver.ts'

/** Breaks some methods. */
function withParts(parts: (backups: StoreBackups) => Partial<StoreBackups>): Mutation['damage'] {
  return () => ({ backups: (backups) => ({ ...backups, ...parts(backups) }) })
}

/** Every way in which backups are broken. */
export const brokenBackups: readonly Mutation[] = [
  {
    wrong: 'a driver claims backups that it does not have',
    damage: () => ({ backups: () => undefined }),
    noticedBy: ['a driver has backups exactly if it claims them', 'Atomicity: a backup of a store'],
  },
  {
    wrong: 'a driver has backups that it does not claim',
    backup: false,
    damage: () => ({}),
    noticedBy: ['a driver has backups exactly if it claims them', 'Atomicity: a backup of a store'],
  },
  {
    wrong: 'a backup is only noted down, and made when it is restored',
    damage: withParts((backups) => {
      const noted = new Map<string, BackupRequest>()
      return {
        backUp: (request) => {
          noted.set(request.toFile, request)
        },
        restore: async (request) => {
          const backup = noted.get(request.fromFile)
          if (backup !== undefined) await backups.backUp(backup)
          noted.delete(request.fromFile)
          await backups.restore(request)
        },
      }
    }),
    noticedBy: ['Concurrency: what is committed after a backup is not in it'],
  },
  {
    wrong: 'a restore keeps the epoch of the store',
    damage: () => {
      const epochs = new Map<string, string>()
      return {
        store: (store) => {
          const epoch = epochs.get(store.service) ?? store.epoch
          epochs.set(store.service, epoch)
          return { ...store, epoch }
        },
      }
    },
    noticedBy: [
      'Idempotence: each restore of a backup begins a new epoch',
      'a store that is not there any more is restored',
    ],
  },
  {
    wrong: 'a restored store says nothing of its earlier epochs',
    damage: () => ({ store: (store) => ({ ...store, earlierEpochs: [] }) }),
    noticedBy: ['Idempotence: each restore of a backup begins a new epoch'],
  },
  {
    wrong: 'a restored store has lost its last event, whose row and fact it has',
    damage: () => {
      const restored = new Set<string>()
      return {
        backups: (backups) => ({
          ...backups,
          restore: async (request) => {
            await backups.restore(request)
            restored.add(request.service)
          },
        }),
        store: (store) => ({
          ...store,
          readEventLog: async (request) => {
            const page = await store.readEventLog(request)
            return restored.has(store.service) ? { ...page, events: page.events.slice(0, -1) } : page
          },
        }),
      }
    },
    noticedBy: ['Atomicity: a backup of a store that is written is one moment of it'],
  },
  {
    wrong: 'a restore does nothing',
    damage: withParts(() => ({ restore: () => undefined })),
    noticedBy: [
      'Concurrency: what is committed after a backup is not in it',
      'Concurrency: a restore of an open store is refused',
      'a store that is not there any more is restored',
    ],
  },
  {
    wrong: 'a backup can be restored once',
    damage: withParts((backups) => {
      const used = new Set<string>()
      return {
        restore: async (request) => {
          if (used.has(request.fromFile)) return
          used.add(request.fromFile)
          await backups.restore(request)
        },
      }
    }),
    noticedBy: ['Idempotence: each restore of a backup begins a new epoch'],
  },
  {
    wrong: 'a check looks at nothing',
    damage: withParts(() => ({ check: () => ({ eventCount: 0, factCount: 0, uncheckedCount: 0, damages: [] }) })),
    noticedBy: ['Damage: a check reads all of an open store'],
  },
  {
    wrong: 'a backup writes over the file of an earlier one',
    damage: withParts((backups) => {
      const files = new Map<string, string>()
      const present = (file: string) => files.get(file) ?? file
      return {
        backUp: async (request) => {
          const written = files.has(request.toFile) ? `${present(request.toFile)}+` : request.toFile
          files.set(request.toFile, written)
          await backups.backUp({ ...request, toFile: written })
        },
        restore: (request) => backups.restore({ ...request, fromFile: present(request.fromFile) }),
      }
    }),
    noticedBy: ['Failure: a backup to a file that exists'],
  },
  {
    wrong: 'the backup of another service is taken for one’s own',
    damage: withParts((backups) => {
      const services = new Map<string, string>()
      return {
        backUp: async (request) => {
          await backups.backUp(request)
          services.set(request.toFile, request.service)
        },
        restore: (request: RestoreRequest) =>
          backups.restore({ ...request, service: services.get(request.fromFile) ?? request.service }),
      }
    }),
    noticedBy: ['Failure: a restore from a file that does not exist, or of another service'],
  },
]
