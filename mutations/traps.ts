// The traps: bugs that systems of events really have. A test that provokes one says so at the end of its title: `[trap: order-lost]`.
// Invariant: a trap applies to the engines there are, and has a test and a mutation, or it says why it does not apply yet.

/** A trap. */
export interface Trap {
  readonly group: 'Stores' | 'Delivery' | 'Input and access'
  /** What goes wrong, in a sentence. */
  readonly says: string
  /** Why no engine there is can fall into it yet. */
  readonly notYet?: string
}

const trapsByName = {
  'late-commit': {
    group: 'Stores',
    says: 'A reader that asks for positions above its last one passes over events of a transaction that commits late.',
    notYet:
      'Postgres. In memory and on SQLite the one writer gives out positions within the commit, so none becomes visible after a higher one.',
  },
  'stream-inverted': {
    group: 'Stores',
    says: 'Positions taken from transaction ids put the second version of a stream before the first.',
    notYet:
      'Postgres. In memory and on SQLite positions count up within the commit, behind the check of the expected version.',
  },
  'stuck-horizon': {
    group: 'Stores',
    says: 'A transaction that somebody else left open hides all new events from readers, and nobody says so.',
    notYet: 'Postgres. In memory and on SQLite what is committed can be read, whoever holds what open.',
  },
  'restored-store': {
    group: 'Stores',
    says: 'A store is put back from a backup, and its consumers lose events quietly or wait for ever.',
  },
  'position-reuse': {
    group: 'Stores',
    says: 'A position is given out a second time, or is too large for a number to hold.',
  },
  fsync: {
    group: 'Stores',
    says: 'A commit is acknowledged before it is on the disk, because a setting was not what it seemed.',
  },
  'busy-snapshot': {
    group: 'Stores',
    says: 'A transaction that began by reading is refused its first write, however long it would wait.',
  },
  'stuck-reader': {
    group: 'Stores',
    says: 'One reader that does not end makes a store grow without bounds.',
  },
  'progress-too-far': {
    group: 'Stores',
    says: 'A read that was filtered, cut off or failed moves the progress beyond what was handled.',
  },
  'names-cut': {
    group: 'Stores',
    says: 'Two long names that differ only at the end become one table.',
  },
  'payload-changed': {
    group: 'Stores',
    says: 'A store refuses, reorders or rounds what a payload holds, instead of carrying its bytes.',
  },
  'dual-write': {
    group: 'Delivery',
    says: 'State, progress and events are written one after the other, and a crash in between parts them.',
  },
  'order-lost': {
    group: 'Delivery',
    says: 'A retry, a batch that fails in the middle or two who work at once hand out a later event of a key first.',
  },
  'inbox-race': {
    group: 'Delivery',
    says: 'An event that is delivered twice, at once or long afterwards, takes effect twice.',
  },
  'ambiguous-commit': {
    group: 'Delivery',
    says: 'A commit took effect, and whoever asked for it hears that it failed.',
  },
  zombie: {
    group: 'Delivery',
    says: 'A consumer that slept through its replacement wakes up and commits.',
  },
  'ack-timeout': {
    group: 'Delivery',
    says: 'A broker takes a handler that is slow for one that is dead, and hands its event to another.',
    notYet:
      'NATS. In memory and on SQLite a log is read from a position: nothing is acknowledged, and nothing expires.',
  },
  poison: {
    group: 'Delivery',
    says: 'An event that can never be handled is tried for ever, is dropped, or holds up all others; or it ends the process.',
  },
  'replay-storm': {
    group: 'Delivery',
    says: 'Reading history again sends out again what was sent, or runs what was run.',
  },
  timers: {
    group: 'Delivery',
    says: 'A timer fires at once, twice, never, or at an hour that the clocks have skipped.',
  },
  'process-race': {
    group: 'Delivery',
    says: 'Two inputs of one process manager decide on the same state, or a second try repeats what the first has said.',
  },
  upcaster: {
    group: 'Delivery',
    says: 'An old event cannot be read any more, or one that is newer than the code is mangled.',
  },
  payloads: {
    group: 'Input and access',
    says: 'Input that is huge, deep, no text, no number or a prototype gets in and wedges who handles it.',
  },
  names: {
    group: 'Input and access',
    says: 'A name breaks out of the subject, the statement, the path or the header it is put into.',
  },
  access: {
    group: 'Input and access',
    says: 'A page of another origin, or a caller without a token, operates a system.',
  },
} as const satisfies Readonly<Record<string, Trap>>

/** The name of a trap. */
export type TrapName = keyof typeof trapsByName

/** Every trap, by name. */
export const traps: Readonly<Record<TrapName, Trap>> = trapsByName
