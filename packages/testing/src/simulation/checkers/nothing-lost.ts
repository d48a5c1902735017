// P2: every event that was published took effect in every handler that hears it; every command that was accepted left what it published.

import { type Checker, deliveryId } from '../checker.ts'

export const nothingLost: Checker = {
  name: 'nothing-lost',
  promise: 'Once an event is published, every subscriber handles it.',
  at: 'rest',
  check: ({ services, commands }) => {
    const breaches: string[] = []
    for (const { service, witnesses, held } of services.values()) {
      const done = new Set(witnesses.map(({ name, about }) => deliveryId(name, about)))
      for (const handler of service.handlers) {
        if (handler.process !== undefined || handler.from === 'now') continue
        for (const event of services.get(handler.event.owner)?.published ?? []) {
          if (event.type !== handler.event.name || (handler.when === 'retracted') !== (event.data === null)) continue
          if (done.has(deliveryId(handler.name, event.id))) continue
          const letter = held.find(({ id }) => id === event.id)
          const why =
            letter === undefined
              ? 'nobody holds it'
              : `it is ${letter.state}: ${letter.error?.message ?? 'behind another'}`
          breaches.push(
            `${event.type} of ${event.key} (${event.id}) never took effect in ${handler.name} of ${service.name}; ${why}.`,
          )
        }
      }
    }
    for (const { outcome, command, service, correlationId } of commands)
      if (outcome === 'open') breaches.push(`${command} of ${service} (${correlationId}) was never answered.`)
    return breaches
  },
}
