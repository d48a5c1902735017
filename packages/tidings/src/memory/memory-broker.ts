// The broker, in its two kinds: one that reads the committed outboxes themselves, and one that keeps a copy and needs the
// runtime's relay. Invariant: a copy holds, of every epoch, exactly what its publisher's store still has.

import { TidingsError } from '../errors/index.ts'
import type { Broker, EarlierEpoch, EventLogPage, EventLogRequest, Position, RelayBatch } from '../ports/index.ts'
import { MemoryLog } from './memory-log.ts'
import type { WakeUps } from './wake-ups.ts'

/** A source as a broker reads it. */
export interface Source {
  readonly epoch: string
  readonly earlierEpochs: readonly EarlierEpoch[]
  readonly log: MemoryLog
}

/** A broker's copies, by source. */
export type Copies = Map<string, Source>

/** What a broker is opened with. */
export interface MemoryBrokerParts {
  /** The copies, where the broker keeps its own. */
  readonly copies: Copies | undefined
  /** A service's committed outbox, where there is one. */
  readonly outboxOf: (service: string) => Source | undefined
  readonly wakeUps: WakeUps
}

/** Opens a broker; those of several engines may share copies and wake-ups. */
export function openMemoryBroker({ copies, outboxOf, wakeUps }: MemoryBrokerParts): Broker {
  const watches = new Set<() => void>()
  let closed = false

  function live<T>(run: () => T): T {
    if (closed) throw new TidingsError('CLOSED', 'The broker was closed.')
    return run()
  }

  function held(): Copies {
    if (copies !== undefined) return copies
    throw new TidingsError('INVARIANT', 'Invariant broken: this broker reads committed outboxes and takes no copies.')
  }

  const sourceOf = (source: string) => (copies === undefined ? outboxOf(source) : copies.get(source))

  return {
    capabilities: { relay: copies !== undefined },
    publish: (batch) =>
      live(() => {
        if (takeOver(held(), batch)) wakeUps.wake(batch.source)
      }),
    published: (source) =>
      live(() => {
        const copy = held().get(source)
        return copy === undefined ? undefined : { epoch: copy.epoch, position: copy.log.head }
      }),
    read: (source, request) => live(() => readSource(sourceOf(source), request)),
    earlierEpochs: (source) => live(() => sourceOf(source)?.earlierEpochs ?? []),
    watch: (source, wake) =>
      live(() => {
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

/** Adds what is new of a batch to its copy; tells whether the batch was of the present epoch. */
function takeOver(copies: Copies, { source, epoch, earlierEpochs, events }: RelayBatch): boolean {
  const present = copies.get(source)
  // A batch from before a restore that is known already: nothing in it is new.
  if (present?.earlierEpochs.some((earlier) => earlier.epoch === epoch)) return false
  const log = present?.log ?? new MemoryLog()
  if (present !== undefined && present.epoch !== epoch) log.cutBehind(keptOf(present.epoch, earlierEpochs))
  for (const event of events) log.adopt(event)
  copies.set(source, { epoch, earlierEpochs: structuredClone(earlierEpochs), log })
  return true
}

/** How much of an epoch its store still has: the least that any restore since then has kept; nothing where it was made anew. */
function keptOf(epoch: string, earlierEpochs: readonly EarlierEpoch[]): Position {
  const index = earlierEpochs.findIndex((earlier) => earlier.epoch === epoch)
  if (index < 0) return ''
  return earlierEpochs
    .slice(index)
    .map(({ upTo }) => upTo)
    .reduce((least, upTo) => (upTo < least ? upTo : least))
}
