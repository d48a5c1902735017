// P3: no event took effect twice in a handler, and no command twice under one idempotency key.

import type { Evidence } from '../evidence/evidence.ts'
import { type Checker, deliveryId } from './checker.ts'

export const onceInEffect: Checker = {
  name: 'once-in-effect',
  promise: 'The effect of an event on the store of a subscriber happens once.',
  at: 'rest',
  check: ({ services }) => {
    const breaches: string[] = []
    for (const { service, executions } of services.values()) {
      const counts = new Map<string, number>()
      for (const { kind, name, about, key } of executions) {
        const id = deliveryId(name, about)
        const count = (counts.get(id) ?? 0) + 1
        counts.set(id, count)
        // Several handlers of one conversation may execute the same command, so doubledCommands checks only the commands that clients send.
        // Timers have a checker of their own.
        if (count === 2 && kind !== 'command' && kind !== 'timer')
          breaches.push(`${name} of ${service.name} took effect twice on ${about} (key ${key}).`)
      }
    }
    return [...breaches, ...doubledCommands({ services })]
  },
}

function doubledCommands({ services }: Pick<Evidence, 'services'>): string[] {
  const breaches: string[] = []
  const eventIds = new Set([...services.values()].flatMap(({ published }) => published.map(({ id }) => id)))
  for (const { service, published, facts } of services.values()) {
    const said = [...published, ...facts]
    const byCommand = Map.groupBy(
      said.filter(({ correlationId, causedBy }) => correlationId.startsWith('sim-') && causedBy.startsWith('command/')),
      ({ correlationId, causedBy }) => `${correlationId} ${causedBy}`,
    )
    // All events and facts of one command have the same cause; a second execution has another.
    for (const [what, ofOne] of byCommand) {
      const direct = ofOne.filter(({ causationId }) => !eventIds.has(causationId))
      const causes = new Set(direct.map(({ causationId }) => causationId))
      if (causes.size > 1) breaches.push(`${what} of ${service.name} was executed ${causes.size} times.`)
    }
  }
  return breaches
}
