// Tidings as the bench runs it: the SQLite driver, the Node adapter, and defaults except for the options that a row measures.

import { nodeEnvironment } from '@tidings/node'
import { sqliteDriver } from '@tidings/sqlite'
import type { Service } from 'tidings'
import { createSystem, type System } from 'tidings/runtime'
import type { Place } from '../work.ts'

/** Opens a system of services in a folder. */
export function openSystem(
  { folder, durability }: Place,
  services: readonly Service[],
  options: { readonly groupUnitsMax?: number } = {},
): Promise<System> {
  return createSystem({
    services,
    driver: sqliteDriver({ directory: folder, durability, ...options }),
    environment: nodeEnvironment({ log: { level: 'warn' } }),
  })
}
