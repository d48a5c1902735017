// A driver whose process may die at any crash point of its store and broker, also in the middle of a transaction.
// Invariant: as long as no death is ordered, it behaves exactly like the driver that it wraps.

import type { EventRecord } from 'tidings'
import type { Broker, CommitUnit, Driver, Engine, RowWrite, Store } from 'tidings/ports'
import type { Reached } from './crash-points.ts'

/** The runtime's own tables whose rows show what a commit does. If a name here were wrong, a point would never be hit. */
const progressTable = 'tidings.progress'
const queueTable = 'tidings.queues'
const scheduleTable = 'tidings.agenda'

/** Wraps a driver with crash points around its calls. */
export function crashingDriver(driver: Driver, reached: Reached): Driver {
  return replacing(driver, {
    open: async (environment) => {
      const engine = await driver.open(environment)
      let opened: string | undefined
      // A process that runs several services dies as a whole; broker calls count as the first service's.
      const broker = crashingBroker(engine.broker, (point) => {
        if (opened !== undefined) void reached(opened, point)
      })
      const openStore: Engine['openStore'] = async (service) => {
        opened ??= service
        void reached(service, 'store-open.before')
        const store = await engine.openStore(service)
        void reached(service, 'store-open.after')
        return crashingStore(store, reached)
      }
      return replacing(engine, { broker, openStore })
    },
  })
}

function crashingBroker(broker: Broker, reached: (point: Parameters<Reached>[1]) => void): Broker {
  return replacing(broker, {
    read: (source, request, by) => {
      reached('source-read.before')
      return then(broker.read(source, request, by), () => reached('source-read.after'))
    },
    publish: (batch) => {
      reached('publish.before')
      return then(broker.publish(batch), () => reached('publish.after'))
    },
  })
}

function crashingStore(store: Store, reached: Reached): Store {
  const at = (point: Parameters<Reached>[1]) => void reached(store.service, point)
  return replacing(store, {
    commit: (unit) => {
      at('commit.before')
      return then(store.commit(watched(unit, at)), () => at('commit.after'))
    },
  })
}

// A driver iterates over the parts of a unit within its transaction, so the iterators reach the points.
function watched(unit: CommitUnit, at: (point: Parameters<Reached>[1]) => void): CommitUnit {
  function* rows(): Generator<RowWrite> {
    at('state-write.before')
    for (const row of unit.rows) {
      const is = row.table === progressTable ? 'checkpoint' : isClaim(row) ? 'timer-claim' : undefined
      if (is !== undefined) at(`${is}.before`)
      yield row
      if (is !== undefined) at(`${is}.after`)
    }
    at('state-write.after')
  }
  function* events(): Generator<EventRecord> {
    at('outbox-insert.before')
    yield* unit.events
    at('outbox-insert.after')
  }
  return {
    ...unit,
    rows: unit.rows.length === 0 ? unit.rows : walkedBy(unit.rows, rows),
    events: unit.events.length === 0 ? unit.events : walkedBy(unit.events, events),
  }
}

// What is due leaves the schedule when it is moved into its queue, or when it is handled directly.
function isClaim({ table, row }: RowWrite): boolean {
  return row === null ? table === scheduleTable : table === queueTable
}

function walkedBy<T>(items: readonly T[], walk: () => Iterator<T>): readonly T[] {
  return Object.defineProperty([...items], Symbol.iterator, { value: walk })
}

function then<T>(answer: T | Promise<T>, after: () => void): T & Promise<T> {
  const pass = (value: T) => {
    after()
    return value
  }
  return (answer instanceof Promise ? answer.then(pass) : pass(answer)) as T & Promise<T>
}

// The same object with some of its methods replaced; the others run on it as they are.
function replacing<T extends object>(target: T, own: Partial<T>): T {
  const bound = new Map<PropertyKey, unknown>()
  return new Proxy(target, {
    get: (_, name) => {
      if (Object.hasOwn(own, name)) return own[name as keyof T]
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      if (!bound.has(name)) bound.set(name, value.bind(target))
      return bound.get(name)
    },
  })
}
