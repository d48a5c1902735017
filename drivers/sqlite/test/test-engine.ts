// What the tests run on: this process's clock and event loop, counted ids, and a folder that is removed afterwards.

import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Engine, Environment } from 'tidings/ports'
import { onTestFinished } from 'vitest'
import { type SqliteDriverOptions, sqliteDriver } from '../src/index.ts'
import { realEnvironment } from './processes/real-environment.ts'

let counter = 0

/** An environment whose ids are `id-1`, `id-2`, … */
export function testEnvironment(): Environment {
  return {
    ...realEnvironment,
    ids: {
      next: () => {
        counter += 1
        return `id-${counter}`
      },
    },
  }
}

/** A folder that is removed when the test has finished. */
export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'tidings-sqlite-')))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))
  return folder
}

/** An engine over a folder, closed when the test has finished. */
export async function openEngine(directory: string, options: Partial<SqliteDriverOptions> = {}): Promise<Engine> {
  const engine = await sqliteDriver({ directory, durability: 'process-crash', ...options }).open(testEnvironment())
  onTestFinished(() => engine.close())
  return engine
}
