// P7: a rebuild publishes nothing, calls no handler, and leaves the rows as they were.

import { firstDifference } from '../evidence/first-difference.ts'
import type { Checker } from './checker.ts'

export const noPublicationDuringRebuild: Checker = {
  name: 'no-publication-during-rebuild',
  promise: 'A rebuild has no side effect and publishes nothing; its read model stays the same.',
  at: 'rebuilt',
  check: (now, before) => {
    const breaches: string[] = []
    for (const { service, published, executions, readModels } of now.services.values()) {
      const earlier = before.services.get(service.name)
      if (earlier === undefined) continue
      const news = published.slice(earlier.published.length)
      for (const { type, key } of news) breaches.push(`${service.name} published ${type} of ${key} during a rebuild.`)
      if (executions.length > earlier.executions.length)
        breaches.push(`${executions.at(-1)?.name} of ${service.name} ran during a rebuild.`)
      for (const [name, rows] of readModels) {
        const difference = firstDifference(rows, earlier.readModels.get(name) ?? [])
        if (difference !== undefined) breaches.push(`After a rebuild, ${name} of ${service.name} ${difference}`)
      }
    }
    return breaches
  },
}
