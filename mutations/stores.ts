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
    'checksum-unchecked': {
      effect: 'An event whose data were changed on the disk is delivered.',
      find: 'if (stored === null || checksumOf(checked) === stored) return',
      replace: 'if (stored === null || checksumOf(checked) !== -1) return',
      test: 'P9: a digit of an event that was changed on the disk is noticed when it is read by position',
      promises: ['P9'],
    },
    'damage-backed-up': {
      effect: 'A damaged store is backed up.',
      find: 'await checkCopy(partial, service)',
      replace: '',
      test: 'a damaged store is not backed up, and a damaged backup is not restored',
      promises: ['P2'],
    },
    'files-unchecked': {
      effect: 'A store whose file was removed, moved or replaced goes on acknowledging.',
      find: 'inPlace = false options.checkFiles()',
      replace: 'inPlace = false',
      test: 'P2: a store whose folder was removed acknowledges nothing more, and says which file is gone [trap: vanished-file]',
      promises: ['P2'],
    },
    'written-while-away': {
      effect: 'A store whose file was moved goes on writing to it.',
      find: 'if (!inPlace) checkFiles()',
      replace: '',
      test: 'P2: a store whose folder was moved goes on when it is back, and everything acknowledged is in it',
      promises: ['P2'],
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
