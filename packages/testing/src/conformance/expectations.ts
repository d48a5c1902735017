// What the suites expect, in a few words. They stand on node:assert, so that no test runner is prescribed.

import assert from 'node:assert/strict'
import { type ErrorCode, TidingsError } from 'tidings'
import type { CommitResult, CommitUnit, Store } from 'tidings/ports'

/** Something must be refused with a code of the registry, at once or by a rejected promise. */
export async function refuses(code: ErrorCode, what: string, run: () => unknown): Promise<void> {
  let error: unknown
  try {
    await run()
  } catch (thrown) {
    error = thrown
  }
  assert.ok(error !== undefined, `${what} is refused with ${code}, but it was done`)
  assert.ok(
    error instanceof TidingsError,
    `${what} is refused with a TidingsError, but this was thrown: ${String(error)}`,
  )
  assert.equal(error.code, code, `${what} is refused with ${code}: ${error.message}`)
}

/** A unit of work in which only some parts are of interest. */
export function unitOf(parts: Partial<CommitUnit>): CommitUnit {
  return { checks: [], rows: [], appends: [], events: [], ...parts }
}

/** Commits a unit that must succeed. */
export async function commit(
  store: Store,
  parts: Partial<CommitUnit>,
): Promise<Extract<CommitResult, { committed: true }>> {
  const result = await store.commit(unitOf(parts))
  assert.ok(result.committed, `the unit is committed, but there were conflicts: ${JSON.stringify(result)}`)
  return result
}

/** Commits a unit that must fail, and gives its conflicts. */
export async function conflicts(store: Store, parts: Partial<CommitUnit>) {
  const result = await store.commit(unitOf(parts))
  assert.ok(!result.committed, 'the unit is refused with its conflicts, but it was committed')
  return result.conflicts
}

/** Everything a test can see of a store, to compare before and after. */
export async function everythingOf(store: Store, tables: readonly string[], streams: readonly [string, string][]) {
  const rows: Record<string, unknown> = {}
  for (const table of tables) rows[table] = await store.find({ table, limit: 100_000 })
  const versions: unknown[] = []
  for (const [category, stream] of streams) versions.push(await store.streamVersion(category, stream))
  return {
    rows,
    versions,
    facts: await store.readFacts({ after: '', limit: 100_000 }),
    log: await store.readLog({ after: '', limit: 100_000 }),
  }
}
