// P2: every published event took effect in every handler of its contract, and every command was answered.

import type { LoggedEvent, NamedHandler } from 'tidings'
import { readData } from '../../world/read-log.ts'
import type { Evidence, ServiceEvidence } from '../evidence/evidence.ts'
import { type Checker, deliveryId } from './checker.ts'

export const nothingLost: Checker = {
  name: 'nothing-lost',
  promise: 'Once an event is published, every subscriber handles it.',
  at: 'rest',
  check: (evidence) => {
    const breaches: string[] = []
    for (const seen of evidence.services.values()) {
      const { service, executions, deferred } = seen
      const done = new Set(executions.map(({ name, about }) => deliveryId(name, about)))
      for (const handler of service.handlers) {
        if (handler.from === 'now' || handler.process?.from === 'now') continue
        for (const event of evidence.services.get(handler.event.owner)?.published ?? []) {
          if (event.type !== handler.event.name || (handler.when === 'retracted') !== (event.data === null)) continue
          if (done.has(deliveryId(handler.process?.name ?? handler.name, event.id))) continue
          if (handler.process !== undefined && !isMissed(evidence, seen, handler, event)) continue
          const found = deferred.find(({ id }) => id === event.id)
          const why =
            found === undefined
              ? 'it is not deferred'
              : `it is ${found.state}: ${found.error?.message ?? 'behind an earlier event'}`
          breaches.push(
            `${event.type} of ${event.key} (${event.id}) never took effect in ${handler.name} of ${service.name}; ${why}.`,
          )
        }
      }
    }
    for (const { outcome, command, service, correlationId } of evidence.commands)
      if (outcome === 'open') breaches.push(`${command} of ${service} (${correlationId}) was never answered.`)
    return breaches
  },
}

// A process manager may ignore an event: one that starts nothing, or that comes before its instance started or after it ended.
function isMissed(
  { processRuns }: Evidence,
  { instances, executions }: ServiceEvidence,
  { process: manager, input }: NamedHandler,
  event: LoggedEvent,
): boolean {
  if (manager === undefined || input === undefined) return false
  const key = input.keyOf(readData(input.event, event))
  if (key === undefined) return false
  if (input.starts && processRuns.decided.get(`${manager.name} ${event.id}`) !== false) return true
  const instance = instances.find((each) => each.process === manager.name && each.key === key)
  if (instance === undefined || instance.steps.some(({ ended }) => ended === true)) return false
  // An instance that handled an earlier event of a source has to handle the later ones.
  const { source } = event
  return executions.some(
    (earlier) =>
      earlier.kind === 'process' &&
      earlier.name === manager.name &&
      earlier.instance === key &&
      earlier.source === source &&
      earlier.position !== undefined &&
      earlier.position < event.position,
  )
}
