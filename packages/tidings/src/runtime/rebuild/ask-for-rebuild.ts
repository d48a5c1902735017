// Lets another instance rebuild a read model: that which keeps it. The order is the stored state of the read model, which names the generation to fill.

import { TidingsError } from '../../errors/index.ts'
import { pause } from '../concurrency/wait.ts'
import type { ServiceCore } from '../core/service-core.ts'
import type { ReadModel } from '../tables/read-models.ts'
import { beginRebuild } from './rebuild-read-model.ts'

/** The read model of a service with this name; throws `UNKNOWN_READ_MODEL`. */
export function readModelNamed({ service, readModels }: ServiceCore, name: string): ReadModel {
  const readModel = readModels.find((other) => other.name === name)
  if (readModel !== undefined) return readModel
  throw new TidingsError(
    'UNKNOWN_READ_MODEL',
    `Service ${service.name} has no read model ${JSON.stringify(name.slice(0, 120))}.`,
    { details: { readModels: readModels.map((other) => other.name) } },
  )
}

/** Throws `REBUILD_RUNNING` with the name of the read model. */
export function refuseSecond({ service }: ServiceCore, name: string): never {
  throw new TidingsError('REBUILD_RUNNING', `Read model ${name} of ${service.name} is being rebuilt already.`)
}

/**
 * Asks for a rebuild; resolves when reads have switched to it. Throws `REBUILD_RUNNING`, `CLOSED` if this instance closes before, or
 * `HANDLER_FAILED` if the other one has given it up.
 */
export async function askForRebuild(core: ServiceCore, name: string, closing: AbortSignal): Promise<void> {
  const { generations, store } = core
  const readModel = readModelNamed(core, name)
  await generations.refresh(store, readModel)
  if (generations.of(readModel).rebuilding !== undefined) refuseSecond(core, name)
  await rebuildElsewhere(core, readModel, await beginRebuild(core, readModel), closing)
}

/** Resolves when reads have switched to a generation that another instance fills. Throws as `askForRebuild` does. */
export async function rebuildElsewhere(
  core: ServiceCore,
  readModel: ReadModel,
  generation: number,
  closing: AbortSignal,
): Promise<void> {
  const { environment, generations, service, store } = core
  const { name } = readModel
  for (;;) {
    await generations.refresh(store, readModel)
    const state = generations.of(readModel)
    if (state.generation >= generation) return
    if (state.rebuilding !== generation)
      throw new TidingsError('HANDLER_FAILED', `The rebuild of ${name} was given up by the instance that ran it.`, {
        hint: 'Its log says why.',
      })
    if (closing.aborted)
      throw new TidingsError(
        'CLOSED',
        `This instance of ${service.name} closes; the rebuild of ${name} goes on elsewhere.`,
      )
    await pause(environment.timeouts, Math.min(service.limits.pollMs, 100))
  }
}
