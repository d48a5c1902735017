// P2, P7: a replica holds, of every entity, the latest state that its owner has published, and nothing of entities that are gone.

import { readData } from '../../world/read-log.ts'
import type { Checker } from './checker.ts'
import type { SeenRow } from '../evidence/evidence.ts'
import { firstDifference } from '../evidence/first-difference.ts'

export const replicaConverges: Checker = {
  name: 'replica-converges',
  promise: 'A replica comes to hold the latest published state of every key.',
  at: 'rest',
  check: ({ services }) => {
    const breaches: string[] = []
    for (const { service, readModels } of services.values()) {
      for (const [name, { of }] of Object.entries(service.replicas)) {
        const latest = new Map<string, SeenRow>()
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
