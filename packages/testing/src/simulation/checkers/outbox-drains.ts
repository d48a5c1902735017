// P2, P6: once faults end, everything that was published is delivered: the broker has the publisher's log, event by event.

import type { Checker } from './checker.ts'

export const outboxDrains: Checker = {
  name: 'outbox-drains',
  promise: 'Once faults end, everything in an outbox reaches the broker as it was published.',
  at: 'rest',
  check: ({ services }) => {
    const breaches: string[] = []
    for (const { service, published, heard } of services.values()) {
      const length = Math.max(published.length, heard.length)
      for (let index = 0; index < length; index++) {
        const [said, got] = [published[index], heard[index]]
        if (JSON.stringify(said) === JSON.stringify(got)) continue
        const what = got === undefined ? 'nothing' : `${got.type} of ${got.key} (${got.id})`
        const expected = said === undefined ? 'nothing' : `${said.type} of ${said.key} (${said.id})`
        breaches.push(`Event ${index + 1} of ${service.name} is ${expected}; the broker delivers ${what}.`)
        break
      }
    }
    return breaches
  },
}
