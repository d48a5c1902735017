// Finds out from which moment on handlers and process managers request effects: the one they name, or that of their first run, which is
// recorded.

import type { ServiceCore } from '../core/service-core.ts'
import { readDocument, systemTables } from '../unit-of-work/system-tables.ts'
import { UnitOfWork } from '../unit-of-work/unit-of-work.ts'

interface FirstRun {
  readonly at: number
}

/** Finds out from which moment on each of them requests effects, and records the first run of those with `effectsFrom: 'now'`. */
export async function loadEffectsFrom(core: ServiceCore): Promise<void> {
  const { handlers, processes } = core.service
  const declared = [...handlers.filter(({ process }) => process === undefined), ...processes]
  const unit = new UnitOfWork(core.store)
  for (const declaration of declared) {
    const { name, was, effectsFrom } = declaration
    if (effectsFrom === undefined) continue
    if (effectsFrom !== 'now') {
      core.effectsFrom.set(name, effectsFrom.getTime())
      continue
    }
    const kept = await readDocument<FirstRun>(core.store, systemTables.firstRuns, name)
    const before =
      kept ?? (was === undefined ? undefined : await readDocument<FirstRun>(core.store, systemTables.firstRuns, was))
    const at = before?.document.at ?? core.environment.clock.now()
    core.effectsFrom.set(name, at)
    // Under its new name too, so that the old one need not be declared for ever.
    if (kept === undefined) unit.putDocument(systemTables.firstRuns, name, { at } satisfies FirstRun)
  }
  if (unit.hasWrites) await core.commit(unit)
}
