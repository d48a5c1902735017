// P7: a read model equals the fold of its history, computed without the runtime.

import { firstDifference } from '../evidence/first-difference.ts'
import { foldProjection } from '../evidence/fold-projection.ts'
import type { Checker } from './checker.ts'

export const projectionEqualsFold: Checker = {
  name: 'projection-equals-fold',
  promise: 'The rows of a projection are the fold of its history.',
  at: 'rest',
  check: async ({ services }) => {
    const breaches: string[] = []
    for (const seen of services.values()) {
      for (const projection of seen.service.projections) {
        const folded = await foldProjection(projection, seen, services)
        for (const name of projection.writes) {
          const difference = firstDifference(seen.readModels.get(name) ?? [], folded.get(name) ?? [])
          if (difference !== undefined) breaches.push(`Read model ${name} of ${seen.service.name} ${difference}`)
        }
      }
    }
    return breaches
  },
}
