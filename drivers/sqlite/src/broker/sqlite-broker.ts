// The broker of the embedded engine: it keeps nothing. Every source's committed outbox is its log; a store of this engine
// is read through its own connection, any other through its file. Wake-ups come from the hub.

import { TidingsError } from 'tidings'
import type { Broker, Store } from 'tidings/ports'
import type { Durability } from '../database/sqlite-connection.ts'
import { toTidingsError } from '../database/sqlite-errors.ts'
import { filesOf } from '../database/sqlite-files.ts'
import { createSourceReader, type SourceReader } from './sqlite-source-reader.ts'
import type { WakeHub } from './sqlite-wake-ups.ts'

/** What a broker is opened with. */
export interface BrokerSettings {
  readonly directory: string
  readonly durability: Durability
  /** The stores this engine has open, by service. */
  readonly stores: ReadonlyMap<string, Store>
  readonly hub: WakeHub
}

/** Opens the broker. */
export function openBroker({ directory, durability, stores, hub }: BrokerSettings): Broker {
  const readers = new Map<string, SourceReader>()
  const watches = new Set<() => void>()
  let closed = false

  function live<T>(source: string, run: () => T): T {
    if (closed) throw new TidingsError('CLOSED', 'The broker was closed.')
    try {
      return run()
    } catch (error) {
      throw unavailable(source, toTidingsError(error, `read the log of ${source}`))
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
      live(source, () => stores.get(source)?.readLog(request) ?? readerOf(source).read(request)),
    earlierEpochs: (source) =>
      live(source, () => stores.get(source)?.earlierEpochs ?? readerOf(source).earlierEpochs()),
    watch: (source, wake) => {
      if (closed) throw new TidingsError('CLOSED', 'The broker was closed.')
      const unwatch = hub.watch(source, wake)
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

/** A publisher that cannot be read is the broker's failure; what is wrong for good keeps its own code. */
function unavailable(source: string, error: unknown): unknown {
  if (!(error instanceof TidingsError) || (error.code !== 'STORE_UNAVAILABLE' && error.code !== 'CLOSED')) return error
  return new TidingsError('BROKER_UNAVAILABLE', `The log of ${source} cannot be read right now.`, {
    details: { source },
    cause: error,
  })
}
