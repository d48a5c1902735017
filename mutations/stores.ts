// Safeguards of stores: what is acknowledged stays, byte for byte, and a position never means two things.
// Invariant: each entry removes one safeguard, and is in the section of the package whose source it changes; see CONTRIBUTING.md.
import type { MutationTable } from './mutation.ts'

/** The mutations called `stores/…`. */
export const stores: MutationTable = {
  tidings: {
    'epoch-unchecked': {
      effect: 'A consumer continues behind a restored publisher, although it has handled events that are gone.',
      find: 'if (kept === undefined || subscription.seen > kept) {',
      replace: 'if (kept === undefined && subscription.seen > subscription.seen) {',
      test: 'P2 (memory, no relay): a restored publisher stops its consumers; accepted from the kept position, they lose nothing [trap: restored-store]',
    },
    'page-to-the-end': {
      effect: 'A page that was cut off claims to reach the end.',
      find: 'next: seen.at(-1)?.position ?? after',
      replace: 'next: headOf(history)',
      test: 'P2 (memory, no relay): failed, short and filtered reads and failed commits never move a checkpoint past an unhandled event [trap: progress-too-far]',
    },
    'page-of-another-reading': {
      effect: 'A page continues from the `next` of another table, order or selection, and rows are left out.',
      find: "if (decodeURIComponent(selection ?? '') !== fingerprint(reading.selection))",
      replace: "if (decodeURIComponent(selection ?? '') === 'never')",
      test: 'Pages (memory, no relay) > a `next` of another table, order or selection, or one that was changed, is refused with a message that says so',
      promises: ['P12'],
    },
    'page-token-changed': {
      effect: 'A page continues from a `next` that was changed on its way.',
      find: "fingerprint(parts.slice(1, 5).join(':')) !== check",
      replace: 'check === undefined',
      test: 'Pages (memory, no relay) > a `next` of another table, order or selection, or one that was changed, is refused with a message that says so',
      promises: ['P12'],
    },
    'read-cut-in-silence': {
      effect: 'A read without a limit leaves rows out and does not say so.',
      find: 'if (limit === undefined && read.more) {',
      replace: 'if (limit === undefined && read.more && readRowsMax === 0) {',
      test: 'Pages (memory, no relay) > `list` and `find` give all rows of 150, and refuse more than 10,000 by naming `page`',
      promises: ['P11'],
    },
    'reader-unbounded': {
      effect: 'If a reader of a live query does not take its items, they pile up.',
      find: 'if (this.#items.length > 0 && this.#bytes + item.bytes > this.#bytesMax) this.invalidate()',
      replace: 'if (item.bytes < 0) this.invalidate()',
      test: 'Live queries (memory, no relay): a reader that does not take its items gets a snapshot, and its buffer is bounded [trap: stuck-reader]',
      promises: ['P11'],
    },
    'relay-skips-after-restore': {
      effect: 'After a restore the relay continues behind what was lost.',
      find: 'return published.position < kept ? published.position : kept',
      replace: 'return published.position',
      test: 'P2 (memory, relayed): a restored publisher that publishes before its relay reaches the broker loses nothing [trap: restored-store]',
    },
  },
  '@tidings/sqlite': {
    'booleans-as-numbers': {
      effect: 'A search for 1 finds rows that hold true.',
      find: "else if (equals === 0 || equals === 1) where.push(`coalesce(${inDocument}, '') NOT IN ('true', 'false')`)",
      test: 'sqlite, process-crash: store conformance > Ranges and indexes > an index tells 1, true and text apart, in `equals` and in `where`, and goes through all of them in one order',
      promises: ['P8'],
    },
    'deferred-begin': {
      effect: 'A commit locks its store only at its first write, after its reads.',
      find: "prepare(database, 'BEGIN IMMEDIATE')",
      replace: "prepare(database, 'BEGIN')",
      test: 'Concurrency: who writes from outside comes before a commit or after it, never in between [trap: busy-snapshot]',
      promises: ['P1'],
    },
    'document-reserialised': {
      effect: 'The documents of rows are serialised again instead of keeping their text.',
      find: 'table.put.run(key, own, schemaVersion, json, ...columns.map(bindable))',
      replace: 'table.put.run(key, own, schemaVersion, JSON.stringify(JSON.parse(json)), ...columns.map(bindable))',
      test: 'sqlite, process-crash: store conformance > Hostile input > the documents of rows come back byte for byte: NUL, duplicate members, order, numbers, __proto__, a megabyte [trap: payload-changed]',
    },
    'durability-misreported': {
      effect: 'An engine reports the wrong durability.',
      find: 'durability: durabilities[durability],',
      replace: "durability: 'durable',",
      test: 'durability power-loss > does not depend on what the file was opened with before, and is said [trap: fsync]',
    },
    'end-of-log-deleted': {
      effect: 'The last event of a log can be deleted, and its position is given out again.',
      find: 'WHEN OLD.position = (SELECT max(position) FROM tidings_log)',
      replace: 'WHEN false',
      test: 'the last event and the last fact cannot be deleted, so no position is given out again [trap: position-reuse]',
      promises: ['P2'],
    },
    'fact-reserialised': {
      effect: 'The data of facts are serialised again instead of keeping their text.',
      find: 'fact.data,',
      replace: 'JSON.stringify(JSON.parse(fact.data)),',
      test: 'sqlite, process-crash: store conformance > Hostile input > the data of facts come back byte for byte [trap: payload-changed]',
    },
    'fewer-flushes': {
      effect: 'A commit that should survive a power loss is not flushed to the disk.',
      find: "'power-loss': { name: 'FULL', number: 2 }",
      replace: "'power-loss': { name: 'NORMAL', number: 1 }",
      test: 'durability power-loss > is set on every open: a new file, the same again, and one that only reads [trap: fsync]',
      promises: ['P2'],
    },
    'growth-unreported': {
      effect: 'Nothing reports that a reader makes a store grow.',
      find: 'else if (!slot.warned) {',
      replace: 'else if (slot.warned) {',
      test: 'P11: a WAL that a reader holds back is reported once [trap: stuck-reader]',
    },
    'names-cut': {
      effect: 'Names longer than 63 bytes are cut.',
      find: "return `${name.slice(0, 46)}~${createHash('sha256').update(name).digest('hex').slice(0, 16)}`",
      replace: 'return name.slice(0, 63)',
      test: 'long names that differ at the end, generations, and fields named like own columns stay apart [trap: names-cut]',
      promises: ['P11'],
    },
    'never-checkpointed': {
      effect: 'Nothing moves a write-ahead log into its database until a commit has to do it.',
      find: 'runSoon(slot, file, intervalMs)',
      replace: 'runSoon(slot, file, 2 ** 30)',
      test: 'P11: pages move into the database behind the commits, without a checkpoint by the writer [trap: stuck-reader]',
    },
    'next-at-the-head': {
      effect: 'A read that was cut off claims to have looked at everything.',
      find: 'return { epoch, events, next: formatPosition(upTo), head: formatPosition(head) }',
      replace: 'return { epoch, events, next: formatPosition(head), head: formatPosition(head) }',
      test: 'Ordering: a filtered read looks at as many events as it may and moves no further [trap: progress-too-far]',
      promises: ['P2'],
    },
    'payload-reserialised': {
      effect: 'The event log serialises payloads again instead of keeping their text.',
      find: 'event.data,',
      replace: 'event.data === null ? null : JSON.stringify(JSON.parse(event.data)),',
      test: 'events come back byte for byte [trap: payload-changed]',
      promises: ['P11'],
    },
    'migrated-while-read': {
      effect: 'A reader that has a file of an earlier layout open does not notice that it was migrated.',
      find: 'if (layout < layoutVersion && layoutOf(database) > layout)',
      replace: 'if (layout > layoutVersion)',
      test: 'a reader reads a publisher of layout 1, and what it says after it was upgraded meanwhile',
      promises: ['P8'],
    },
    'positions-beyond-numbers': {
      effect: 'A store is opened although its positions are too large for a number.',
      find: 'if (row?.[0] === 1)',
      replace: "if (row?.[0] === 'never')",
      test: 'a log beyond 2^53-1 is refused, for writing and for reading [trap: position-reuse]',
      promises: ['P11'],
    },
    'restored-epoch': {
      effect: 'A restored store keeps the epoch of its backup.',
      find: "writeMeta(database, 'epoch', ids.next()) database.exec('COMMIT') } finally",
      replace: "ids.next(); database.exec('COMMIT') } finally",
      test: 'P2: a restored publisher has a new epoch and names what it kept of the old one [trap: restored-store]',
    },
    'second-writer': {
      effect: 'A store can be opened for writing twice.',
      find: "database.exec('COMMIT; BEGIN IMMEDIATE')",
      replace: "database.exec('COMMIT')",
      test: 'P3 (SQLite): a second writer for one store is refused [trap: zombie]',
    },
    'unsafe-sqlite': {
      effect: 'The driver accepts a version of SQLite that can corrupt its own log.',
      find: "sqliteVersionMin = '3.51.3'",
      replace: "sqliteVersionMin = '3.51.0'",
      test: 'SQLite 3.51.2 is refused [trap: fsync]',
      promises: ['P2'],
    },
  },
}
