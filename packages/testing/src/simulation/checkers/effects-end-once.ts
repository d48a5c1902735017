// P2, P3: an effect that was requested comes to one outcome, or waits for it; and no outcome comes of what nobody has requested.

import type { Checker } from './checker.ts'
import type { SeenService } from '../evidence/evidence.ts'

export const effectsEndOnce: Checker = {
  name: 'effects-end-once',
  promise: 'An effect that was requested comes to one outcome, or waits for it.',
  at: 'rest',
  check: ({ services }) => [...services.values()].flatMap(breachesOf),
}

function breachesOf({ service, witnesses, effects }: SeenService): string[] {
  const breaches: string[] = []
  // Effects that are wanted only from some moment on are requested without being kept.
  const choosy = new Set(
    [...service.handlers, ...service.processes]
      .filter(({ effectsFrom }) => effectsFrom !== undefined)
      .map(({ name }) => name),
  )
  const requested = new Map<string, string>()
  const ended = new Map<string, string>()
  for (const { kind, name, about, requested: keys } of witnesses) {
    for (const key of keys) requested.set(key, name)
    // That none ends twice is said by once-in-effect.
    if (kind === 'effect') ended.set(about, name)
  }
  const waiting = new Set(effects.map(({ idempotencyKey }) => idempotencyKey))
  for (const [key, by] of requested)
    if (!ended.has(key) && !waiting.has(key) && !choosy.has(by.split('.', 1)[0] ?? by))
      breaches.push(
        `An effect (${key}) that ${by} of ${service.name} has requested came to no outcome, and does not wait.`,
      )
  for (const [key, name] of ended) {
    if (!requested.has(key))
      breaches.push(`${name} of ${service.name} came to an outcome of ${key}, which nobody has requested.`)
    if (waiting.has(key))
      breaches.push(`${name} of ${service.name} waits to be performed again for ${key}, which has its outcome.`)
  }
  return breaches
}
