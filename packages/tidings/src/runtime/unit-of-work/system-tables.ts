// The runtime's own tables: what it must remember is kept in the service's store and committed with the work it belongs to.

import type { Store } from '../../ports/index.ts'

/** The names of the runtime's tables as they are kept. A kept name never changes without a migration, so some are older words than the code's. */
export const systemTables = {
  /** `<subscriber>/<source>` → how far a subscriber has come. */
  checkpoints: 'tidings.progress',
  /** `<subscriber>/<source>/<position>` → an event that waits for a retry, or is parked. */
  deferred: 'tidings.held',
  /** `<subscriber>/<source>/<position of the batch's last event>` → what was delivered, how long it took. */
  deliveries: 'tidings.deliveries',
  /** `<event type>/<key>` → the entity's version (state transfer). */
  entityVersions: 'tidings.entity-versions',
  /** `<decider>/<stream>` → a state and the version it stands at. */
  snapshots: 'tidings.snapshots',
  /** idempotency key → what the command answered. */
  commands: 'tidings.commands',
  /** read model's subscriber → the generation that serves reads. */
  readModels: 'tidings.read-models',
  /** `<subscriber>/<source>/<position>` → an event that runs alone because the process died while it may have been running. */
  marks: 'tidings.suspects',
  /** `state` → whether the last run ended cleanly. */
  run: 'tidings.run',
  /** `timer/<owner>/<name>/<key>`, `effect/<name>/<id>` → what is to be done later; indexed by the moment it is due. */
  schedule: 'tidings.agenda',
  /** `<queue>/<position>` → what has come due and was not handled yet. */
  queues: 'tidings.queues',
  /** queue → how far it has been filled. */
  queueHeads: 'tidings.queue-heads',
  /** `<process>/<key>` → an instance of a process manager. */
  processes: 'tidings.processes',
  /** `<process>/<key>/<number>` → one step of an instance's history. */
  processSteps: 'tidings.process-steps',
  /** handler → when it first ran, where its effects depend on it. */
  firstRuns: 'tidings.first-runs',
} as const

/** Indexed fields of the runtime's tables. */
const indexes: Readonly<Record<string, readonly string[]>> = {
  [systemTables.schedule]: ['dueAt'],
  [systemTables.processes]: ['standing'],
}

/** Creates the runtime's tables where they are missing. */
export async function ensureSystemTables(store: Store): Promise<void> {
  for (const name of Object.values(systemTables)) await store.ensureTable({ name, indexes: indexes[name] ?? [] })
}

/** A runtime row's document, or `undefined`. */
export async function readDocument<T>(
  store: Store,
  table: string,
  key: string,
): Promise<{ document: T; revision: number } | undefined> {
  const row = await store.get(table, key)
  return row === undefined ? undefined : { document: JSON.parse(row.json) as T, revision: row.revision }
}

/** All documents whose key starts with a prefix that ends in "/", in the order of their keys. */
export async function readDocuments<T>(
  store: Store,
  table: string,
  prefix: string,
): Promise<{ key: string; document: T }[]> {
  const found: { key: string; document: T }[] = []
  const toKey = `${prefix.slice(0, -1)}0` // "0" follows "/" in every ordering
  for (let after: string | undefined; ; ) {
    const rows = await store.find({
      table,
      fromKey: prefix,
      toKey,
      limit: 1000,
      ...(after === undefined ? {} : { after: { key: after } }),
    })
    for (const row of rows) found.push({ key: row.key, document: JSON.parse(row.json) as T })
    after = rows.at(-1)?.key
    if (rows.length < 1000) return found
  }
}
