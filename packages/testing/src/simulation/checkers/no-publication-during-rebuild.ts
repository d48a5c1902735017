// P7: a rebuild publishes nothing, runs no handler, and leaves the rows as they were.

import type { Checker } from './checker.ts'
import { firstDifference } from '../evidence/first-difference.ts'

export const noPublicationDuringRebuild: Checker = {
  name: 'no-publication-during-rebuild',
  promise: 'A rebuild has no side effect and publishes nothing; its read model is what it was.',
  at: 'rebuilt',
  check: (now, before) => {
    const breaches: string[] = []
    for (const { service, published, witnesses, readModels } of now.services.values()) {
      const earlier = before.services.get(service.name)
      if (earlier === undefined) continue
      const news = published.slice(earlier.published.length)
      for (const { type, key } of news) breaches.push(`${service.name} published ${type} of ${key} during a rebuild.`)
      if (witnesses.length > earlier.witnesses.length)
        breaches.push(`${witnesses.at(-1)?.name} of ${service.name} ran during a rebuild.`)
      for (const [name, rows] of readModels) {
        const difference = firstDifference(rows, earlier.readModels.get(name) ?? [])
        if (difference !== undefined) breaches.push(`Rebuilt, ${name} of ${service.name} ${difference}`)
      }
    }
    return breaches
  },
}
