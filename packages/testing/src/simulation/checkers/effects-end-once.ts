// P2, P3: an effect that was requested has one outcome or is still pending, and every outcome belongs to a request.

import type { ServiceEvidence } from '../evidence/evidence.ts'
import type { Checker } from './checker.ts'

export const effectsEndOnce: Checker = {
  name: 'effects-end-once',
  promise: 'An effect that was requested has one outcome, or is still pending.',
  at: 'rest',
  check: ({ services }) => [...services.values()].flatMap(breachesOf),
}

function breachesOf({ service, executions, effects }: ServiceEvidence): string[] {
  const breaches: string[] = []
  // If an event is from before `effectsFrom`, its requests are dropped.
  const withStart = new Set(
    [...service.handlers, ...service.processes]
      .filter(({ effectsFrom }) => effectsFrom !== undefined)
      .map(({ name }) => name),
  )
  const requested = new Map<string, string>()
  const ended = new Map<string, string>()
  for (const { kind, name, about, requested: keys } of executions) {
    for (const key of keys) requested.set(key, name)
    // once-in-effect checks that none has two outcomes.
    if (kind === 'effect') ended.set(about, name)
  }
  const waiting = new Set(effects.map(({ idempotencyKey }) => idempotencyKey))
  for (const [key, by] of requested)
    if (!ended.has(key) && !waiting.has(key) && !withStart.has(by.split('.', 1)[0] ?? by))
      breaches.push(`An effect (${key}) that ${by} of ${service.name} requested has no outcome and is not pending.`)
  for (const [key, name] of ended) {
    if (!requested.has(key))
      breaches.push(`${name} of ${service.name} has an outcome for ${key}, which nobody requested.`)
    if (waiting.has(key))
      breaches.push(`${name} of ${service.name} is still pending for ${key}, which has an outcome already.`)
  }
  return breaches
}
