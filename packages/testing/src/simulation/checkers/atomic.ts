// P1: what a handler or command has written and what it has published are there together, or neither is.

import type { LoggedEvent } from 'tidings'
import type { Checker } from './checker.ts'
import type { SeenService } from '../evidence/evidence.ts'

export const atomic: Checker = {
  name: 'atomic',
  promise: 'All that one handled event or command causes commits together, or none of it does.',
  at: 'rest',
  check: ({ services }) => [...services.values()].flatMap(breachesOf),
}

function breachesOf({ service, published, witnesses }: SeenService): string[] {
  const breaches: string[] = []
  const said = new Map<string, LoggedEvent[]>()
  for (const event of published) {
    const [kind = '', name = ''] = event.causedBy.split('/')
    const about = hearsEvents(kind) ? event.causationId : event.correlationId
    const id = JSON.stringify([kind, name, about])
    said.set(id, [...(said.get(id) ?? []), event])
  }
  const counted = new Map<string, number>()
  for (const { kind, name, about, conversation, published: count } of witnesses) {
    const id = JSON.stringify([kind, name, hearsEvents(kind) ? about : conversation])
    counted.set(id, (counted.get(id) ?? 0) + count)
  }
  const names = new Set([
    ...service.handlers.map(({ process, name }) =>
      process === undefined ? `handler/${name}` : `process/${process.name}`,
    ),
    ...service.commands.map(({ command }) => `command/${command.name}`),
    ...service.timerHandlers.map(({ timer }) => `timer/${timer}`),
    ...service.processes.flatMap(({ name, timers }) => Object.keys(timers).map((timer) => `timer/${name}.${timer}`)),
    ...service.effects.map(({ effect }) => `effect/${effect.name}`),
  ])
  for (const id of new Set([...said.keys(), ...counted.keys()])) {
    const [kind, name, about] = JSON.parse(id) as [string, string, string]
    if (!names.has(`${kind}/${name}`)) continue
    const rows = counted.get(id) ?? 0
    const events = said.get(id)?.length ?? 0
    if (rows === events) continue
    breaches.push(
      `${name} of ${service.name} wrote on ${about} that it published ${rows} events; ${events} are in the log.`,
    )
  }
  return breaches
}

// Their work is known by its event; everything else is known by its conversation.
function hearsEvents(kind: string): boolean {
  return kind === 'handler' || kind === 'process'
}
