// The rebuilds of one service: those that operators ask for, and those that a start resumes.
// Invariant: at most one rebuild of a read model runs at a time.

import { TidingsError } from '../../errors/index.ts'
import type { ServiceCore } from '../core/service-core.ts'
import { summarizeError } from '../failures/error-summary.ts'
import type { SubscriptionLoop } from '../subscriptions/subscription-loop.ts'
import { type DoesGroup, readModelGroup } from '../subscriptions/work-groups.ts'
import { readModelNamed, refuseSecond } from './ask-for-rebuild.ts'
import { type RebuildProgress, rebuildReadModel } from './rebuild-read-model.ts'
import { ReplacedTables } from './replaced-tables.ts'

/** What rebuilds need besides the service. */
export interface RebuildsOptions {
  /** The loops that keep each read model now, by its name. */
  readonly readModelLoops: ReadonlyMap<string, readonly SubscriptionLoop[]>
  /** The last run crashed: what a rebuild delivers runs isolated. */
  readonly recovering: boolean
  /** Aborts when the service closes. */
  readonly closing: AbortSignal
}

/** The rebuilds of a service. */
export class Rebuilds {
  readonly #core: ServiceCore
  readonly #options: RebuildsOptions
  readonly #progress = new Map<string, RebuildProgress>()
  readonly #running = new Set<Promise<unknown>>()
  readonly #replaced: ReplacedTables

  constructor(core: ServiceCore, options: RebuildsOptions) {
    this.#core = core
    this.#options = options
    this.#replaced = new ReplacedTables(core)
  }

  /** How far the rebuild of a read model has come; `undefined` if none runs. */
  progressOf(name: string): RebuildProgress | undefined {
    return this.#progress.get(name)
  }

  /**
   * Rebuilds a read model; resolves when reads have switched to it.
   *
   * Throws `UNKNOWN_READ_MODEL`, `REBUILD_RUNNING`, `CLOSED` if the service closes before, or what made the rebuild fail.
   */
  async rebuild(
    name: string,
    onProgress?: (progress: RebuildProgress) => void,
    reason = 'an operator asked for it',
  ): Promise<void> {
    const { log, generations, service } = this.#core
    const readModel = readModelNamed(this.#core, name)
    if (this.#progress.has(name)) refuseSecond(this.#core, name)
    this.#progress.set(name, { done: 0, total: 0 })
    const { readModelLoops, recovering, closing } = this.#options
    const startedAt = this.#core.environment.clock.monotonicMs()
    log.info('Rebuilding a read model', { readModel: name, reason, next: 'npx tidings status' })
    const work = rebuildReadModel(this.#core, readModel, {
      live: readModelLoops.get(name) ?? [],
      closing,
      recovering,
      onSwitched: (from) => this.#replaced.add(readModel, from),
      onProgress: (progress) => {
        this.#progress.set(name, progress)
        onProgress?.(progress)
      },
    })
    this.#running.add(work)
    try {
      if (!(await work))
        throw new TidingsError(
          'CLOSED',
          `The rebuild of ${name} was interrupted; it continues when ${service.name} starts again.`,
        )
      const tookMs = Math.round(this.#core.environment.clock.monotonicMs() - startedAt)
      log.info('A read model is rebuilt', { readModel: name, generation: generations.of(readModel).generation, tookMs })
    } catch (error) {
      if (!closing.aborted) logFailure(this.#core, name, error)
      throw error
    } finally {
      this.#running.delete(work)
      this.#progress.delete(name)
    }
  }

  /**
   * Continues rebuilds that were interrupted or asked for elsewhere, and rebuilds read models whose shape has changed: those of the groups that are
   * done here. Does not wait for them.
   */
  resume(does: DoesGroup): void {
    const { generations } = this.#core
    for (const readModel of this.#core.readModels) {
      if (!does(readModelGroup(readModel)) || this.#progress.has(readModel.name)) continue
      const state = generations.of(readModel)
      if (state.rebuilding === undefined && (state.shape === readModel.shape || this.#core.isOutdated)) continue
      const reason = state.rebuilding === undefined ? 'its shape has changed' : 'its rebuild was interrupted'
      this.rebuild(readModel.name, undefined, reason).catch(() => {})
    }
  }

  /** Deletes in its time what other instances have replaced in the read models of the groups that are done here. */
  async takeOverReplaced(does: DoesGroup): Promise<void> {
    if (!this.#core.sharesStore) return
    for (const readModel of this.#core.readModels)
      if (does(readModelGroup(readModel))) await this.#replaced.takeOver(readModel)
  }

  /** Resolves when no rebuild runs any more, and deletes what rebuilds have replaced. Call it when no subscription runs any more. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#running)
    await this.#replaced.close()
  }
}

function logFailure({ log, service }: ServiceCore, readModel: string, error: unknown): void {
  const { code, message, hint, stack } = summarizeError(error)
  log.error('A rebuild failed', {
    readModel,
    code,
    error: message,
    hint,
    stack,
    next: `npx tidings rebuild ${service.name} ${readModel}`,
  })
}
