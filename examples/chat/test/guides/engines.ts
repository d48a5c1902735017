// The engines on which the system of a guide runs.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sqliteDriver } from '@tidings/sqlite'
import { inSession, type Session } from '@tidings/testing'
import type { Service } from 'tidings'
import { memoryDriver } from 'tidings/memory'

/** Names of engines. */
export const engines = ['memory', 'SQLite'] as const

/** Runs services in a session on an engine. */
export async function onEngine(
  engine: (typeof engines)[number],
  services: readonly Service[],
  body: (session: Session) => Promise<void>,
): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'tidings-guide-'))
  const driver = engine === 'memory' ? memoryDriver() : sqliteDriver({ directory, durability: 'process-crash' })
  try {
    await inSession({ services, driver, start: new Date('2026-03-02T12:00:00.000Z'), pollMs: 60_000 }, body)
  } finally {
    rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  }
}
