// The traps: bugs that event-driven systems really have. The title of a test that provokes one ends with its name: `[trap: order-lost]`.
// Invariant: a trap applies to the present engines, and has a test and a mutation, or it says why it does not apply yet.

/** A trap. */
export interface Trap {
  readonly group: 'Stores' | 'Delivery' | 'Input and access'
  /** What goes wrong, in a sentence. */
  readonly says: string
  /** Why it does not apply to any present engine yet. */
  readonly notYet?: string
}

const trapsByName = {
  'late-commit': {
    group: 'Stores',
    says: 'A reader that asks for positions above its last one skips the events of a transaction that commits late.',
    notYet:
      'It can happen on Postgres. In memory and on SQLite, the only writer assigns positions within the commit, so no position becomes visible after a higher one.',
  },
  'stream-inverted': {
    group: 'Stores',
    says: 'Positions taken from transaction ids put the second version of a stream before the first.',
    notYet:
      'It can happen on Postgres. In memory and on SQLite, positions count up within the commit, after the check of the expected version.',
  },
  'stuck-horizon': {
    group: 'Stores',
    says: 'A transaction that someone left open hides all new events from readers, and nothing reports it.',
    notYet:
      'It can happen on Postgres. In memory and on SQLite, readers see every commit, whatever transactions are open.',
  },
  'restored-store': {
    group: 'Stores',
    says: 'A store is restored from a backup, and its consumers lose events silently or wait for ever.',
  },
  'vanished-file': {
    group: 'Stores',
    says: 'The file of a running service is removed or moved, and everything that is acknowledged after that is lost.',
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
    says: 'A transaction begins with a read, and its first write is refused, however long it waits.',
  },
  'stuck-reader': {
    group: 'Stores',
    says: 'A reader that never ends makes a store grow without limit.',
  },
  'progress-too-far': {
    group: 'Stores',
    says: 'A read that was filtered, cut off or failed moves the checkpoint past events that were not handled.',
  },
  'names-cut': {
    group: 'Stores',
    says: 'Two long names that differ only at the end name the same table.',
  },
  'payload-changed': {
    group: 'Stores',
    says: 'A store refuses, reorders or rounds parts of a payload, instead of keeping its bytes.',
  },
  'dual-write': {
    group: 'Delivery',
    says: 'State, checkpoint and events are written one after the other, and a crash in between leaves only some of them.',
  },
  'order-lost': {
    group: 'Delivery',
    says: 'A later event of a key is handled first: after a retry, after a partly failed batch, or with two consumers at once.',
  },
  'inbox-race': {
    group: 'Delivery',
    says: 'An event that is delivered twice, at the same time or much later, takes effect twice.',
  },
  'ambiguous-commit': {
    group: 'Delivery',
    says: 'A commit takes effect, and is reported as failed.',
  },
  zombie: {
    group: 'Delivery',
    says: 'A paused consumer wakes up after it was replaced, and commits.',
  },
  'ack-timeout': {
    group: 'Delivery',
    says: 'A broker takes a slow handler for a dead one, and delivers its event to another.',
    notYet:
      'It can happen on NATS. In memory and on SQLite, readers read a log from a position: nothing is acknowledged, and nothing expires.',
  },
  poison: {
    group: 'Delivery',
    says: 'An event that can never be handled is retried for ever, is dropped, blocks all others, or ends the process.',
  },
  'replay-storm': {
    group: 'Delivery',
    says: 'Reading history again publishes or executes things a second time.',
  },
  timers: {
    group: 'Delivery',
    says: 'A timer fires immediately, twice, never, or at an hour that the clocks skip.',
  },
  'blocked-thread': {
    group: 'Delivery',
    says: 'A blocked thread passes every guard that is a timer of its own, and a process whose supervisor has ended keeps its lock.',
  },
  'instance-blocked': {
    group: 'Delivery',
    says: 'One instance of a process manager that waits stops all that hear the same key, or is overtaken by its own events of another key.',
  },
  'slow-key': {
    group: 'Delivery',
    says: 'One key whose handler hangs or is slow holds up all others: in its batch, in the retries, and while the service closes.',
  },
  'recurrence-lost': {
    group: 'Delivery',
    says: 'One bad run ends a recurring job, or timers of different names queue behind each other.',
  },
  'parked-swallowed': {
    group: 'Delivery',
    says: 'A redrive of an event whose handler was renamed or removed runs nothing, and the event leaves the list.',
  },
  'performed-again': {
    group: 'Delivery',
    says: 'An effect that was performed is performed again, because its outcome could not be handled.',
  },
  'process-race': {
    group: 'Delivery',
    says: 'Two inputs of one process manager decide on the same state, or a second attempt repeats the output of the first.',
  },
  upcaster: {
    group: 'Delivery',
    says: 'An old event can no longer be read, or an event newer than the code is mangled.',
  },
  'stale-cache': {
    group: 'Stores',
    says: 'What an instance remembers of a shared store decides a command after another instance has changed it.',
  },
  'machine-clocks': {
    group: 'Stores',
    says: 'Instances of one service run on machines whose clocks differ, and timers fire early, late or twice.',
  },
  'effects-of-instances': {
    group: 'Stores',
    says: 'Effects are performed once by each instance of a service, or by one that has lost them.',
  },
  'unique-race': {
    group: 'Stores',
    says: 'Two functions at once look for a value, find nothing, and both write it.',
  },
  'read-cut': {
    group: 'Stores',
    says: 'A read leaves rows out at a default limit, and nothing says so.',
  },
  payloads: {
    group: 'Input and access',
    says: 'Input that is huge, deep, malformed or changes a prototype is accepted, and blocks its handlers.',
  },
  names: {
    group: 'Input and access',
    says: 'A name breaks out of the subject, statement, path or header that contains it.',
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
