// P2, P7: a replica holds the latest published state of every entity, and nothing of deleted ones.

import { readData } from '../../world/read-log.ts'
import type { RowEvidence } from '../evidence/evidence.ts'
import { firstDifference } from '../evidence/first-difference.ts'
import type { Checker } from './checker.ts'

export const replicaConverges: Checker = {
  name: 'replica-converges',
  promise: 'A replica converges to the latest published state of every key.',
  at: 'rest',
  check: ({ services }) => {
    const breaches: string[] = []
    for (const { service, readModels } of services.values()) {
      for (const [name, { of }] of Object.entries(service.replicas)) {
        const latest = new Map<string, RowEvidence>()
        for (const event of services.get(of.owner)?.published ?? []) {
          if (event.type !== of.name) continue
          if (event.data === null) latest.delete(event.key)
          else latest.set(event.key, { key: event.key, row: readData(of, event) })
        }
        const difference = firstDifference(readModels.get(name) ?? [], [...latest.values()])
        if (difference !== undefined) breaches.push(`Replica ${name} of ${service.name} ${difference}`)
      }
    }
    return breaches
  },
}
