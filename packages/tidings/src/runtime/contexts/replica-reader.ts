// Reads of a replica, and `require`, which waits for a row that has not arrived yet.

import { TidingsError } from '../../errors/index.ts'
import type { ReplicaReader } from '../../services/index.ts'
import { signalOrTimeout } from '../concurrency/wait.ts'
import type { ServiceCore } from '../core/service-core.ts'
import { type BoundTable, tableReader } from '../tables/bind-tables.ts'
import type { IsolatedRun } from './isolated-run.ts'

/** Reads a replica. A handler that runs isolated waits for a required row without its mark. */
export function replicaReader(
  core: ServiceCore,
  table: BoundTable,
  name: string,
  isolated?: IsolatedRun,
): ReplicaReader<unknown> {
  const wait = (work: () => Promise<boolean>) => (isolated === undefined ? work() : isolated.whileWaiting(work))
  const reader = tableReader({ store: core.store }, table)
  return {
    ...reader,
    require: async (key) => {
      const { timeouts, clock } = core.environment
      const deadline = clock.monotonicMs() + core.service.limits.requireTimeoutMs
      const changed = core.replicaChanged.get(name)
      for (;;) {
        const since = changed?.fires
        const row = await reader.get(key)
        if (row !== undefined) return row
        const leftMs = deadline - clock.monotonicMs()
        const hasChanged =
          leftMs > 0 &&
          changed !== undefined &&
          (await wait(() => signalOrTimeout(timeouts, changed, leftMs, { since, keepsAlive: true })))
        if (hasChanged) continue
        const last = await reader.get(key)
        if (last !== undefined) return last
        throw new TidingsError(
          'REPLICA_ROW_MISSING',
          `Replica ${name} of ${core.service.name} has no row for the required key ${JSON.stringify(key)}.`,
          { details: { replica: name } },
        )
      }
    },
  }
}
