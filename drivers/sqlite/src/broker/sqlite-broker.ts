// The broker of the embedded engine. It keeps no copy of events: it reads each source's event log, which is also the source's committed
// outbox. It reads a store of this engine through the store's own connection, and any other store through its file.

import { isTidingsError, TidingsError } from 'tidings'
import type { Broker, Store } from 'tidings/ports'
import type { Durability } from '../database/sqlite-connection.ts'
import { toTidingsError } from '../database/sqlite-errors.ts'
import { filesOf } from '../database/sqlite-files.ts'
import { createSourceReader, type SourceReader } from './sqlite-source-reader.ts'
import type { WakeUps } from './sqlite-wake-ups.ts'

/** What a broker is opened with. */
export interface BrokerSettings {
  readonly directory: string
  readonly durability: Durability
  /** The stores that this engine has open, by service. */
  readonly stores: ReadonlyMap<string, Store>
  readonly wakeUps: WakeUps
}

/** Opens the broker. */
export function openBroker({ directory, durability, stores, wakeUps }: BrokerSettings): Broker {
  const readers = new Map<string, SourceReader>()
  const watches = new Set<() => void>()
  let closed = false

  function live<T>(source: string, run: () => T): T {
    if (closed) throw new TidingsError('CLOSED', 'The broker was closed.')
    try {
      return run()
    } catch (error) {
      throw unavailable(
        source,
        toTidingsError(error, `read the event log of ${source}`, filesOf(directory, source).database),
      )
    }
  }

  function readerOf(source: string): SourceReader {
    let reader = readers.get(source)
    if (reader === undefined) {
      reader = createSourceReader(filesOf(directory, source).database, source, durability)
      readers.set(source, reader)
    }
    return reader
  }

  return {
    capabilities: { relay: false },
    publish: ({ source }) => live(source, refuseRelay),
    published: (source) => live(source, refuseRelay),
    read: (source, request) =>
      live(source, () => stores.get(source)?.readEventLog(request) ?? readerOf(source).read(request)),
    earlierEpochs: (source) =>
      live(source, () => stores.get(source)?.earlierEpochs ?? readerOf(source).earlierEpochs()),
    watch: (source, wake) => {
      if (closed) throw new TidingsError('CLOSED', 'The broker was closed.')
      const unwatch = wakeUps.watch(source, wake)
      const stop = () => {
        watches.delete(stop)
        unwatch()
      }
      watches.add(stop)
      return stop
    },
    close: async () => {
      closed = true
      for (const stop of [...watches]) stop()
      for (const reader of readers.values()) reader.close()
      readers.clear()
    },
  }
}

function refuseRelay(): never {
  throw new TidingsError(
    'INVARIANT',
    'Invariant broken: the SQLite broker reads committed outboxes and takes no copies.',
  )
}

/** If a publisher cannot be read now, that is a failure of the broker. Other errors keep their codes. */
function unavailable(source: string, error: unknown): unknown {
  if (!isTidingsError(error) || (error.code !== 'STORE_UNAVAILABLE' && error.code !== 'CLOSED')) return error
  const { message, hint, details } = error
  return new TidingsError('BROKER_UNAVAILABLE', `The event log of ${source} cannot be read right now. ${message}`, {
    details: { source },
    // What to do about a file is known only if its permissions are the reason.
    ...(details.file === undefined ? {} : { hint }),
    cause: error,
  })
}
