// P5: behind a parked event, no later event of its key takes effect.

import type { Checker } from './checker.ts'

export const parkedKeysHoldOrder: Checker = {
  name: 'parked-keys-hold-order',
  promise: 'Behind a parked event, no later event of its key takes effect.',
  at: 'parked',
  check: ({ services }) => {
    const breaches: string[] = []
    for (const { service, held, executions } of services.values()) {
      for (const letter of held) {
        if (letter.state !== 'parked') continue
        const published = services.get(letter.source)?.published ?? []
        const parked = published.find(({ id }) => id === letter.id)
        const later = new Set(
          published
            .filter(({ key, position }) => key === parked?.key && position > letter.position)
            .map(({ id }) => id),
        )
        const passed = executions.find(
          ({ kind, subscriber, source, about }) =>
            (kind === 'handler' || kind === 'process') &&
            subscriber === letter.subscriber &&
            source === letter.source &&
            later.has(about),
        )
        if (passed === undefined) continue
        breaches.push(
          `${service.name} parked ${letter.type} of ${letter.key} (${letter.id}), but handled ${passed.about} behind it.`,
        )
      }
    }
    return breaches
  },
}
