// The engines every promise is tested on.

import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sqliteDriver } from '@tidings/sqlite'
import { createSeededRandom, createSequentialIds, memoryDriver } from 'tidings/memory'
import { backupsOf, type Driver, type Ids } from 'tidings/ports'
import { answerLater, LateCalls } from '../../../src/world/answer-later.ts'

/** An engine whose data survive the runs of a test, and are removed after it. */
export interface TestEngine {
  readonly driver: Driver
  /** Frees the stores of a run that was killed: what the operating system does for a dead process. */
  release(services: readonly string[]): void
  /** Backs up a service's store; returns the function that restores it while the store is closed. */
  backup(service: string): Promise<() => Promise<void>>
  /** Copies a service's store; returns the function that puts the copy in its place by hand while the store is closed, so that its epoch stays. */
  copy(service: string, epoch: string): Promise<() => Promise<void>>
  /** Deletes a service's closed store. */
  forget(service: string): void
  /** Its calls, if it answers later. */
  readonly late?: LateCalls
  remove(): void
}

/** Epochs of restored stores. */
const epochs = createSequentialIds('restored')

/** A kind of engine. */
export interface EngineKind {
  readonly name: string
  create(): TestEngine
}

function memory(relay: boolean, writers: 'one' | 'many' = 'one'): TestEngine {
  const driver = memoryDriver({ relay, writers })
  return {
    driver,
    release: (services) => {
      for (const service of services) driver.crash(service)
    },
    backup: (service) => backUp(driver, service, `${service}-${epochs.next()}`),
    copy: (service, epoch) => backUp(driver, service, `${service}-${epochs.next()}`, { next: () => epoch }),
    forget: (service) => driver.remove(service),
    remove: () => {},
  }
}

function later(engine: TestEngine): TestEngine {
  const late = new LateCalls(createSeededRandom(1))
  const open: Driver['open'] = async (environment) => answerLater(await engine.driver.open(environment), late)
  return { ...engine, driver: { ...engine.driver, open }, late }
}

function sqlite(): TestEngine {
  const directory = mkdtempSync(join(tmpdir(), 'tidings-promises-'))
  const driver = sqliteDriver({ directory, durability: 'process-crash' })
  const forget = (service: string) => {
    for (const suffix of ['.db', '.db-wal', '.db-shm']) rmSync(join(directory, `${service}${suffix}`), { force: true })
  }
  return {
    driver,
    release: () => {},
    backup: (service) => backUp(driver, service, join(directory, `${service}-${epochs.next()}.backup`)),
    copy: async (service) => {
      const file = join(directory, `${service}-${epochs.next()}.copy`)
      await backupsOf(driver).backUp({ service, toFile: file })
      return async () => {
        forget(service)
        copyFileSync(file, join(directory, `${service}.db`))
      }
    },
    forget,
    remove: () => rmSync(directory, { recursive: true, force: true }),
  }
}

async function backUp(driver: Driver, service: string, file: string, ids: Ids = epochs): Promise<() => Promise<void>> {
  const backups = backupsOf(driver)
  await backups.backUp({ service, toFile: file })
  return async () => backups.restore({ service, fromFile: file, ids })
}

/** In memory with a broker of its own behind a relay, in memory with a broker that reads the event logs directly, the same answering later, and on SQLite. */
export const engines: readonly EngineKind[] = [
  { name: 'memory, relayed', create: () => memory(true) },
  { name: 'memory, no relay', create: () => memory(false) },
  { name: 'memory, answers later', create: () => later(memory(false)) },
  { name: 'SQLite', create: sqlite },
]

/** In memory with stores that several instances of a service share, answering at once and later. */
export const sharedEngines: readonly EngineKind[] = [
  { name: 'memory, shared', create: () => memory(false, 'many') },
  { name: 'memory, shared and relayed', create: () => memory(true, 'many') },
  { name: 'memory, shared, answers later', create: () => later(memory(false, 'many')) },
]
