// Commits that lose a guarantee.

import type { Append, CommitResult, CommitUnit, Store } from 'tidings/ports'
import type { Mutation } from './break-driver.ts'

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

/** Breaks `commit` alone. */
function withCommit(commit: (store: Store, unit: CommitUnit) => Promise<CommitResult>): Mutation['damage'] {
  return () => ({ store: (store) => ({ ...store, commit: (unit) => commit(store, unit) }) })
}

/** Commits that arrive together are one group: if one of them rejects, all do. */
function commitAllOrNone(store: Store): Store['commit'] {
  let group: { unit: CommitUnit; done: (outcome: Promise<CommitResult>) => void }[] = []
  const flush = async () => {
    await turn()
    const taken = group
    group = []
    const tables = new Set(await store.tableNames())
    const bad = taken.find(({ unit }) => unit.rows.some(({ table }) => !tables.has(table)))
    for (const { unit, done } of taken) done(store.commit(bad?.unit ?? unit))
  }
  return (unit) =>
    new Promise((resolve) => {
      group.push({ unit, done: resolve })
      if (group.length === 1) void flush()
    })
}

/** Every way in which a commit is broken. */
export const brokenCommits: readonly Mutation[] = [
  {
    wrong: 'rows that were read are not checked',
    damage: withCommit((store, unit) => store.commit({ ...unit, checks: [] })),
    noticedBy: ['a row that changed, came or went', 'of commits that check the same row, no update is lost'],
  },
  {
    wrong: 'only rows that exist are checked',
    damage: withCommit((store, unit) =>
      store.commit({ ...unit, checks: unit.checks.filter(({ revision }) => revision > 0) }),
    ),
    noticedBy: ['a row that changed, came or went', 'a unit fails with all of its conflicts'],
  },
  {
    wrong: 'expected versions are not checked',
    damage: withCommit(async (store, unit) => {
      for (;;) {
        const appends: Append[] = []
        for (const append of unit.appends) {
          appends.push({ ...append, expectedVersion: await store.streamVersion(append.category, append.stream) })
        }
        const result = await store.commit({ ...unit, appends })
        if (result.committed || result.conflicts.some(({ kind }) => kind !== 'stream')) return result
      }
    }),
    noticedBy: ['an expected version that does not hold', 'of commits that expect the same version of a stream'],
  },
  {
    wrong: 'the head of facts is not checked',
    damage: withCommit((store, { factsHead: _, ...unit }) => store.commit(unit)),
    noticedBy: ['a history of facts that does not end where the unit says'],
  },
  {
    wrong: 'only the first conflict is reported',
    damage: withCommit(async (store, unit) => {
      const result = await store.commit(unit)
      return result.committed ? result : { ...result, conflicts: result.conflicts.slice(0, 1) }
    }),
    noticedBy: ['a unit fails with all of its conflicts'],
  },
  {
    wrong: 'rows, facts and events are committed one after the other',
    damage: withCommit(async (store, unit) => {
      const none = { checks: [], rows: [], appends: [], events: [] }
      const first = await store.commit({ ...none, checks: unit.checks, rows: unit.rows })
      if (!first.committed) return first
      await turn()
      const second = await store.commit({ ...none, appends: unit.appends })
      if (!second.committed) return second
      await turn()
      return store.commit({ ...none, events: unit.events })
    }),
    noticedBy: ['a reader never sees a commit’s row without', 'an expected version that does not hold'],
  },
  {
    wrong: 'a commit that rejects has published all the same',
    damage: withCommit(async (store, unit) => {
      try {
        return await store.commit(unit)
      } catch (error) {
        await store.commit({ ...unit, checks: [], rows: [], appends: [] })
        throw error
      }
    }),
    noticedBy: ['Failure: a commit that rejects has no effect', 'each commit of a group succeeds or fails on its own'],
  },
  {
    wrong: 'a conflict leaves the rows behind',
    damage: withCommit(async (store, unit) => {
      const result = await store.commit(unit)
      if (!result.committed) await store.commit({ checks: [], rows: unit.rows, appends: [], events: [] })
      return result
    }),
    noticedBy: ['a row that changed, came or went', 'a history of facts that does not end'],
  },
  {
    wrong: 'a group of commits shares one fate',
    damage: () => ({ store: (store) => ({ ...store, commit: commitAllOrNone(store) }) }),
    noticedBy: ['each commit of a group succeeds or fails on its own'],
  },
  {
    wrong: 'the same event is published once only, as if commits were idempotent',
    damage: withCommit(async (store, unit) => {
      const known = await store.searchEventLog({ limit: 10_000 })
      const events = unit.events.filter(({ id }) => known.every((event) => event.id !== id))
      return store.commit({ ...unit, events })
    }),
    noticedBy: ['Idempotence: none'],
  },
  {
    wrong: 'every row has the same revision',
    damage: () => ({
      store: (store) => ({
        ...store,
        get: async (table, key) => {
          const row = await store.get(table, key)
          return row === undefined ? undefined : { ...row, revision: 1 }
        },
      }),
    }),
    noticedBy: ['the revision of a row is that of the commit that wrote it last'],
  },
  {
    wrong: 'payloads are parsed and written again',
    damage: withCommit((store, unit) => {
      const again = <Text extends string | null>(json: Text) =>
        json === null ? json : JSON.stringify(JSON.parse(json))
      return store.commit({
        ...unit,
        rows: unit.rows.map((write) =>
          write.row === null ? write : { ...write, row: { ...write.row, json: String(again(write.row.json)) } },
        ),
        events: unit.events.map((event) => ({ ...event, data: again(event.data) })),
        appends: unit.appends.map((append) => ({
          ...append,
          facts: append.facts.map((fact) => ({ ...fact, data: String(again(fact.data)) })),
        })),
      })
    }),
    noticedBy: [
      'the documents of rows come back byte for byte',
      'the data of facts come back byte for byte',
      'the data and downcasts of events come back byte for byte',
    ],
  },
  {
    wrong: 'keys are normalised',
    damage: withCommit((store, unit) =>
      store.commit({ ...unit, rows: unit.rows.map((write) => ({ ...write, key: write.key.normalize('NFC') })) }),
    ),
    noticedBy: ['keys that differ by case, spaces, accents or scripts are different rows'],
  },
  {
    wrong: 'a commit says nothing of the log where it published nothing',
    damage: withCommit(async (store, unit) => {
      const result = await store.commit(unit)
      return result.committed && unit.events.length === 0 ? { ...result, eventLogHead: '' } : result
    }),
    noticedBy: ['eventLogHead is the position of the last event of the unit'],
  },
  {
    wrong: 'a commit says where the facts ended before it',
    damage: withCommit(async (store, unit) => {
      const { head } = await store.readFacts({ after: '', limit: 1 })
      const result = await store.commit(unit)
      return result.committed ? { ...result, factsHead: head } : result
    }),
    noticedBy: ['factsHead is the position of the last fact of the unit'],
  },
]
