// In-memory engines without one guarantee: what the checkers must notice.

import { memoryDriver } from 'tidings/memory'
import type { Broker, CommitUnit, Store } from 'tidings/ports'
import type { SimulatedEngine } from '../../src/index.ts'

/** How an engine is broken. */
export interface Damage {
  /** Default: false. */
  readonly relay?: boolean
  /** Changes what a store is asked to commit. Created again for each run. */
  readonly spoil?: () => (unit: CommitUnit) => CommitUnit
  /** Changes the broker. */
  readonly broker?: (broker: Broker) => Broker
}

/** A broken engine. */
export function brokenEngine({ relay = false, spoil, broker }: Damage): SimulatedEngine {
  return {
    name: 'broken',
    share: 1,
    relay,
    open: () => {
      const driver = memoryDriver({ relay })
      const spoilt = spoil?.()
      return {
        driver: {
          name: 'broken',
          open: async (environment) => {
            const engine = await driver.open(environment)
            return {
              ...engine,
              broker: broker?.(engine.broker) ?? engine.broker,
              openStore: async (service) => {
                const store = await engine.openStore(service)
                return spoilt === undefined ? store : spoiltStore(store, spoilt)
              },
            }
          },
        },
      }
    },
  }
}

function spoiltStore(store: Store, spoil: (unit: CommitUnit) => CommitUnit): Store {
  return { ...store, commit: (unit) => store.commit(spoil(unit)) }
}

/** A unit without the rows (and checks) of a table. */
export function withoutRows(unit: CommitUnit, table: string): CommitUnit {
  return {
    ...unit,
    rows: unit.rows.filter((row) => row.table !== table),
    checks: unit.checks.filter((check) => check.table !== table),
  }
}

/** What has been handled is there once more. Each once, or it would be handled for ever. */
export function staying(prefix: string): (unit: CommitUnit) => CommitUnit {
  const stayed = new Set<string>()
  return (unit) => {
    const { key } =
      unit.rows.find(({ table, key, row }) => table === 'tidings.agenda' && row === null && key.startsWith(prefix)) ??
      {}
    if (key === undefined || stayed.has(key)) return unit
    stayed.add(key)
    return unhandled(unit)
  }
}

// A unit that does its work, and leaves its timer or effect where it was.
function unhandled(unit: CommitUnit): CommitUnit {
  const rows = unit.rows.filter(
    ({ table, row }) => table !== 'tidings.progress' && (row !== null || !isOfSchedule(table)),
  )
  return { ...unit, rows, checks: unit.checks.filter(({ table }) => table !== 'tidings.progress') }
}

function isOfSchedule(table: string): boolean {
  return table === 'tidings.agenda' || table === 'tidings.queues'
}
