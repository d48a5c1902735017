// Brokers that lose a guarantee.

import { TidingsError } from 'tidings'
import type { Broker, EventLogPage, EventLogRequest } from 'tidings/ports'
import type { Mutation } from './break-driver.ts'

/** Breaks some methods. */
function withParts(parts: (broker: Broker) => Partial<Broker>): Mutation['damage'] {
  return () => ({ broker: (broker) => ({ ...broker, ...parts(broker) }) })
}

function withRead(
  read: (broker: Broker, source: string, request: EventLogRequest) => Promise<EventLogPage>,
): Mutation['damage'] {
  return withParts((broker) => ({ read: (source, request) => read(broker, source, request) }))
}

const later = (position: string, by: number) => String(Number(position) + by).padStart(16, '0')

/** Every way in which a broker is broken. */
export const brokenBrokers: readonly Mutation[] = [
  {
    wrong: 'a batch that is published again is there twice',
    damage: withParts((broker) => ({
      publish: async (batch) => {
        const reached = (await broker.published(batch.source))?.position ?? ''
        const by = batch.events.some(({ position }) => position <= reached) ? Number(reached) : 0
        const events = batch.events.map((event) => ({ ...event, position: later(event.position, by) }))
        await broker.publish({ ...batch, events })
      },
    })),
    noticedBy: ['publishing a batch again adds nothing', 'publishing a batch that overlaps adds only what is new'],
  },
  {
    wrong: 'of a batch that overlaps, nothing is taken',
    damage: withParts((broker) => ({
      publish: async (batch) => {
        const reached = await broker.published(batch.source)
        if (reached?.epoch === batch.epoch && (batch.events[0]?.position ?? 'x') <= reached.position) return
        await broker.publish(batch)
      },
    })),
    noticedBy: ['publishing a batch that overlaps adds only what is new'],
  },
  {
    wrong: 'the last event of a batch is lost, and acknowledged',
    damage: withParts((broker) => ({
      publish: (batch) => broker.publish({ ...batch, events: batch.events.slice(0, -1) }),
    })),
    noticedBy: ['nothing acknowledged is ever lost', 'the events of one source are read in the order'],
  },
  {
    wrong: 'the place of the relay is forgotten',
    damage: withParts(() => ({ published: () => undefined })),
    noticedBy: ['published is the last position the broker holds'],
  },
  {
    wrong: 'events of a page come newest first',
    damage: withRead(async (broker, source, request) => {
      const page = await broker.read(source, request)
      return { ...page, events: [...page.events].reverse() }
    }),
    noticedBy: ['the events of one source are read in the order they were published'],
  },
  {
    wrong: 'a filtered read moves on beyond what it has looked at',
    damage: withRead(async (broker, source, request) => {
      const page = await broker.read(source, request)
      return request.types === undefined ? page : { ...page, next: page.head }
    }),
    noticedBy: ['reading on from `next` gives every event once'],
  },
  {
    wrong: 'the types asked for are ignored',
    damage: withRead(async (broker, source, { types: _, ...request }) => broker.read(source, request)),
    noticedBy: ['reading on from `next` gives every event once'],
  },
  {
    wrong: 'the slots asked for are ignored',
    damage: withRead(async (broker, source, { slots: _, ...request }) => broker.read(source, request)),
    noticedBy: ['a source that is read by slots gives every event'],
  },
  {
    wrong: 'a read by slots moves on beyond what it has looked at',
    damage: withRead(async (broker, source, request) => {
      const page = await broker.read(source, request)
      return request.slots === undefined ? page : { ...page, next: page.head }
    }),
    noticedBy: [
      'a source that is read by slots gives every event',
      'a page of a source that is read by slots shows every match',
    ],
  },
  {
    wrong: 'the last slot of a range counts too',
    damage: withRead(async (broker, source, { slots, ...request }) =>
      broker.read(source, slots === undefined ? request : { ...request, slots: { ...slots, to: slots.to + 1 } }),
    ),
    noticedBy: ['a source that is read by slots gives every event'],
  },
  {
    wrong: 'a source that is not known is an error',
    damage: withRead(async (broker, source, request) => {
      const page = await broker.read(source, request)
      if (page.epoch !== undefined) return page
      throw new TidingsError('BROKER_UNAVAILABLE', `${source} is not there.`)
    }),
    noticedBy: ['a source that is not known yet is an empty page with epoch undefined'],
  },
  {
    wrong: 'payloads are parsed and written again on their way',
    damage: withRead(async (broker, source, request) => {
      const page = await broker.read(source, request)
      const again = (data: string | null) => (data === null ? null : JSON.stringify(JSON.parse(data)))
      return { ...page, events: page.events.map((event) => ({ ...event, data: again(event.data) })) }
    }),
    noticedBy: ['an event is readable as a whole'],
  },
  {
    wrong: 'a source keeps the epoch it was first seen with',
    damage: () => {
      const first = new Map<string, string>()
      return {
        broker: (broker) => ({
          ...broker,
          read: async (source, request) => {
            const page = await broker.read(source, request)
            if (page.epoch === undefined) return page
            const epoch = first.get(source) ?? page.epoch
            first.set(source, epoch)
            return { ...page, epoch }
          },
        }),
      }
    },
    relay: false,
    noticedBy: ['a restored source is known by its new epoch', 'a source that was deleted and created again'],
  },
  {
    wrong: 'what a restored source has lost is kept',
    damage: withParts((broker) => ({
      publish: async (batch) => {
        const reached = await broker.published(batch.source)
        const earlierEpochs = batch.earlierEpochs.map((each) =>
          each.epoch === reached?.epoch ? { ...each, upTo: reached.position } : each,
        )
        await broker.publish({ ...batch, earlierEpochs })
      },
    })),
    noticedBy: ['a restored source is read under its new epoch'],
  },
  {
    wrong: 'a batch from before a restore takes the source back',
    damage: withParts((broker) => ({
      publish: async (batch) => {
        const earlier = await broker.earlierEpochs(batch.source)
        const isLate = earlier.some(({ epoch }) => epoch === batch.epoch)
        await broker.publish(isLate ? { ...batch, epoch: `${batch.epoch}-late` } : batch)
      },
    })),
    noticedBy: ['Idempotence: a batch from before a restore that comes late changes nothing'],
  },
  {
    wrong: 'nobody is ever woken',
    damage: withParts(() => ({ watch: () => () => {} })),
    noticedBy: ['watch calls `wake` when the source has news', 'a watcher in another engine is woken too'],
  },
  {
    wrong: 'stopping a watch stops all watches of the source',
    damage: withParts((broker) => {
      const stops = new Set<() => void>()
      return {
        watch: (source, wake) => {
          stops.add(broker.watch(source, wake))
          return () => {
            for (const stop of stops) stop()
          }
        },
      }
    }),
    noticedBy: ['a watcher that has stopped is not woken any more'],
  },
  {
    wrong: 'a watcher that has stopped is still woken',
    damage: withParts((broker) => ({
      watch: (source, wake) => {
        broker.watch(source, wake)
        return () => {}
      },
    })),
    noticedBy: ['a watcher that has stopped is not woken any more'],
  },
  {
    wrong: 'close does not close',
    damage: withParts(() => ({ close: async () => {} })),
    noticedBy: ['afterwards every call throws CLOSED', 'Close: ends all watches'],
  },
  {
    wrong: 'a broker without a relay takes batches and drops them',
    relay: false,
    damage: withParts(() => ({ publish: () => {}, published: () => undefined })),
    noticedBy: ['publishing a batch again adds nothing; INVARIANT if relay is false'],
  },
  {
    wrong: 'a broker claims that it needs no relay',
    damage: withParts((broker) => ({ capabilities: { ...broker.capabilities, relay: false } })),
    noticedBy: ['the broker’s capabilities are those it claims'],
  },
]
