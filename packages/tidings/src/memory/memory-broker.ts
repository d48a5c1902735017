// The in-memory broker, in two kinds: one reads the event logs of the stores, the other keeps copies that the runtime relays to it.
// Invariant: for every epoch, a copy has exactly the events that the publisher's store still has.

import { TidingsError } from '../errors/index.ts'
import type { Broker, EarlierEpoch, EventLogPage, EventLogRequest, Position, RelayBatch } from '../ports/index.ts'
import { MemoryLog } from './memory-event-log.ts'
import type { WakeUps } from './wake-ups.ts'

/** A source as a broker reads it. */
export interface Source {
  readonly epoch: string
  readonly earlierEpochs: readonly EarlierEpoch[]
  readonly log: MemoryLog
}

/** A broker's copies, by source. */
export type Copies = Map<string, Source>

/** What a broker needs. */
export interface MemoryBrokerParts {
  /** The copies; `undefined` if the broker reads the event logs of the stores. */
  readonly copies: Copies | undefined
  /** A service's event log, if it has a store. */
  readonly eventLogOf: (service: string) => Source | undefined
  readonly wakeUps: WakeUps
}

/** Opens a broker; the brokers of several engines may share copies and wake-ups. */
export function openMemoryBroker({ copies, eventLogOf, wakeUps }: MemoryBrokerParts): Broker {
  const watches = new Set<() => void>()
  let closed = false

  function whileOpen<T>(run: () => T): T {
    if (closed) throw new TidingsError('CLOSED', 'The broker was closed.')
    return run()
  }

  function ownCopies(): Copies {
    if (copies !== undefined) return copies
    throw new TidingsError('INVARIANT', 'Invariant broken: this broker reads event logs directly and keeps no copies.')
  }

  const sourceOf = (source: string) => (copies === undefined ? eventLogOf(source) : copies.get(source))

  return {
    capabilities: { relay: copies !== undefined },
    publish: (batch) =>
      whileOpen(() => {
        if (addBatch(ownCopies(), batch)) wakeUps.wake(batch.source)
      }),
    published: (source) =>
      whileOpen(() => {
        const copy = ownCopies().get(source)
        return copy === undefined ? undefined : { epoch: copy.epoch, position: copy.log.head }
      }),
    read: (source, request) => whileOpen(() => readSource(sourceOf(source), request)),
    earlierEpochs: (source) => whileOpen(() => sourceOf(source)?.earlierEpochs ?? []),
    watch: (source, wake) =>
      whileOpen(() => {
        const unwatch = wakeUps.watch(source, wake)
        const stop = () => {
          watches.delete(stop)
          unwatch()
        }
        watches.add(stop)
        return stop
      }),
    close: async () => {
      closed = true
      for (const stop of [...watches]) stop()
    },
  }
}

function readSource(source: Source | undefined, request: EventLogRequest): EventLogPage {
  if (source === undefined) return { epoch: undefined, events: [], next: request.after, head: '' }
  return { epoch: source.epoch, ...source.log.read(request) }
}

/** Adds the new events of a batch to its copy; returns whether the batch is of the current epoch. */
function addBatch(copies: Copies, { source, epoch, earlierEpochs, events }: RelayBatch): boolean {
  const current = copies.get(source)
  // The broker already knows of the restore, and this batch is from before it: it comes late and has nothing new.
  if (current?.earlierEpochs.some((earlier) => earlier.epoch === epoch)) return false
  const log = current?.log ?? new MemoryLog()
  if (current !== undefined && current.epoch !== epoch) log.cutAfter(keptOf(current.epoch, earlierEpochs))
  for (const event of events) log.addCopy(event)
  copies.set(source, { epoch, earlierEpochs: structuredClone(earlierEpochs), log })
  return true
}

/** The last position of an epoch that its store still has: the lowest that any restore since then has kept; none if the store is new. */
function keptOf(epoch: string, earlierEpochs: readonly EarlierEpoch[]): Position {
  const index = earlierEpochs.findIndex((earlier) => earlier.epoch === epoch)
  if (index < 0) return ''
  return earlierEpochs
    .slice(index)
    .map(({ upTo }) => upTo)
    .reduce((least, upTo) => (upTo < least ? upTo : least))
}
