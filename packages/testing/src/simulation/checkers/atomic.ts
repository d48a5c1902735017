// P1: what a handler or command wrote and what it published are both there, or neither is.

import type { LoggedEvent } from 'tidings'
import type { ServiceEvidence } from '../evidence/evidence.ts'
import type { Checker } from './checker.ts'

export const atomic: Checker = {
  name: 'atomic',
  promise: 'All that one handled event or command causes commits together, or none of it does.',
  at: 'rest',
  check: ({ services }) => [...services.values()].flatMap(breachesOf),
}

function breachesOf({ service, published, executions }: ServiceEvidence): string[] {
  const breaches: string[] = []
  const said = new Map<string, LoggedEvent[]>()
  for (const event of published) {
    const [kind = '', name = ''] = event.causedBy.split('/')
    const about = handlesEvents(kind) ? event.causationId : event.correlationId
    const id = JSON.stringify([kind, name, about])
    said.set(id, [...(said.get(id) ?? []), event])
  }
  const counted = new Map<string, number>()
  for (const { kind, name, about, conversation, published: count } of executions) {
    const id = JSON.stringify([kind, name, handlesEvents(kind) ? about : conversation])
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

// Their executions are identified by the event, all others by the conversation.
function handlesEvents(kind: string): boolean {
  return kind === 'handler' || kind === 'process'
}
