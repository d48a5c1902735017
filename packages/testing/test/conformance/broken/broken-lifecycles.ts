// Stores and engines that open, close, claim or identify themselves wrongly.

import type { Store } from 'tidings/ports'
import type { Mutation } from './break-driver.ts'

/** Every way in which the lifecycle of a store is broken. */
export const brokenLifecycles: readonly Mutation[] = [
  {
    wrong: 'close does not close',
    damage: () => ({ store: (store) => ({ ...store, close: async () => {} }) }),
    noticedBy: ['afterwards every call throws CLOSED: get', 'afterwards every call throws CLOSED: commit'],
  },
  {
    wrong: 'reads continue after close',
    damage: () => ({
      store: (store) => ({
        ...store,
        readEventLog: async () => ({ epoch: store.epoch, events: [], next: '', head: '' }),
      }),
    }),
    noticedBy: ['afterwards every call throws CLOSED: readEventLog'],
  },
  {
    wrong: 'close does not wait for commits under way',
    damage: () => ({
      store: (store) => ({
        ...store,
        commit: async (unit) => {
          await new Promise((resolve) => setImmediate(resolve))
          return store.commit(unit)
        },
      }),
    }),
    noticedBy: ['waits for commits under way'],
  },
  {
    wrong: 'closing twice is an error',
    damage: () => ({
      store: (store) => {
        let closed = false
        return {
          ...store,
          close: async () => {
            if (closed) await store.tableNames()
            closed = true
            await store.close()
          },
        }
      },
    }),
    noticedBy: ['closing twice is no error, also at once'],
  },
  {
    wrong: 'a second writer is let in',
    damage: () => {
      const open = new Map<string, Store>()
      return {
        openStore: async (engine, service) => {
          try {
            const store = await engine.openStore(service)
            open.set(service, store)
            return store
          } catch (error) {
            const store = open.get(service)
            if (store === undefined) throw error
            return store
          }
        },
      }
    },
    noticedBy: ['a second writer for the same service is refused with STORE_LOCKED'],
  },
  {
    wrong: 'each opening makes a new epoch',
    damage: () => {
      let opened = 0
      return {
        store: (store) => {
          opened += 1
          return { ...store, epoch: `${store.epoch}-${opened}` }
        },
      }
    },
    noticedBy: ['a store that is opened again has its epoch'],
  },
  {
    wrong: 'a restored store says nothing of its earlier epochs',
    damage: () => ({ store: (store) => ({ ...store, earlierEpochs: [] }) }),
    noticedBy: [
      'a restored store has a new epoch and names the earlier one',
      'the epochs before each restore are kept',
    ],
  },
  {
    wrong: 'the earlier epochs come newest first',
    damage: () => ({ store: (store) => ({ ...store, earlierEpochs: [...store.earlierEpochs].reverse() }) }),
    noticedBy: ['the epochs before each restore are kept, oldest first'],
  },
  {
    wrong: 'what is committed is forgotten when the store is closed',
    damage: () => ({
      store: (store) => ({
        ...store,
        close: async () => {
          for (const name of await store.tableNames()) await store.dropTable(name)
          await store.close()
        },
      }),
    }),
    noticedBy: ['a store that is opened again has its epoch, tables'],
  },
  {
    wrong: 'SQL that is not supported answers nothing instead of saying so',
    damage: () => ({ store: (store) => ({ ...store, sql: () => [] }) }),
    noticedBy: ['SQL sees what was committed before it was asked', 'afterwards every call throws CLOSED: sql'],
  },
  {
    wrong: 'a store claims SQL that it does not have',
    damage: () => ({ store: (store) => ({ ...store, capabilities: { ...store.capabilities, sql: true } }) }),
    noticedBy: ['the store’s capabilities are those it claims'],
  },
]
