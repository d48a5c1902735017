// What happens when a timer comes due: a timer of the service runs its handler, a timer of a process manager runs in its instance.
// Invariant: nothing is waited for that is there already, so a handler that ends at once costs no promise.

import { TidingsError } from '../../errors/index.ts'
import type { Tracing } from '../../ports/index.ts'
import type { DueTimer, ProcessDeclaration, TimerDeclaration } from '../../services/index.ts'
import { type Declares, UnitContext } from '../contexts/unit-context.ts'
import { finishFunction } from '../core/finish-function.ts'
import type { ServiceCore } from '../core/service-core.ts'
import type { Invocation, Invoke } from '../delivery/invocation.ts'
import { waitsForNewerCode } from '../delivery/newer-code-missing.ts'
import { runProcessTimer } from '../process-managers/run-process.ts'
import { takeItem } from '../schedule/due-queue.ts'
import { setNext } from '../schedule/recurrence.ts'
import {
  originOfItem,
  readItemData,
  type ScheduledItem,
  serviceTimers,
  traceOfItem,
} from '../schedule/scheduled-item.ts'
import { type Origin, traceOf } from '../unit-of-work/origin.ts'
import type { UnitOfWork } from '../unit-of-work/unit-of-work.ts'

/** Handles timers that have come due. */
export function invokeTimers(core: ServiceCore, processes: readonly ProcessDeclaration[]): Invoke {
  const fire = firing(core, processes)
  // The next occurrence is set before the handler runs, so that the handler can cancel or change it.
  const handle = (invocation: Invocation, item: ScheduledItem) =>
    fire(invocation, item, setNext(core, invocation.unit, item))
  return (invocation) => {
    const { delivery, unit } = invocation
    const { item } = delivery
    if (item === undefined) return
    const taken = takeItem(unit, item, delivery)
    if (taken instanceof Promise) return taken.then((isThere) => (isThere ? handle(invocation, item) : undefined))
    return taken ? handle(invocation, item) : undefined
  }
}

type Fire = (invocation: Invocation, item: ScheduledItem, missed: number) => Promise<void> | undefined

function firing(core: ServiceCore, processes: readonly ProcessDeclaration[]): Fire {
  const { name: service, timers, timerHandlers } = core.service
  const handlers = new Map(timerHandlers.map((handler) => [handler.timer, { handler, declares: declaresOf(handler) }]))
  const run = (
    invocation: Invocation,
    item: ScheduledItem,
    missed: number,
    origin: Origin,
  ): Promise<void> | undefined => {
    const due: DueTimer = {
      key: item.key,
      dueAt: new Date(item.dueAt),
      lateMs: Math.max(0, core.environment.clock.now() - item.dueAt),
      missed,
    }
    if (item.owner !== serviceTimers) {
      const manager = processes.find(({ name }) => name === item.owner)
      if (manager === undefined || !Object.hasOwn(manager.timers, item.name)) throw unknownTimer(core, item)
      return runProcessTimer(core, invocation, manager, item, due, origin)
    }
    const known = handlers.get(item.name)
    const definition = timers[item.name]
    if (known === undefined || definition === undefined) throw unknownTimer(core, item)
    const context = new TimerContext(core, invocation.unit, origin, known.declares, due)
    const handled: unknown = known.handler.run(readItemData(definition.chain, item), context)
    if (handled === undefined) {
      context.assertAwaited()
      return undefined
    }
    return Promise.resolve(handled).then(() => context.assertAwaited())
  }
  const runTraced = async (tracing: Tracing, invocation: Invocation, item: ScheduledItem, missed: number) => {
    const { type } = invocation.delivery
    const span = tracing.start(`timer ${type}`, traceOfItem(item), {
      'tidings.service': service,
      'tidings.attempt': invocation.attempt,
    })
    const origin = { ...originOfDue(item, service, type), ...traceOf(span) }
    try {
      await span.run(async () => run(invocation, item, missed, origin))
      span.end()
    } catch (error) {
      span.end(error)
      throw error
    }
  }
  return (invocation, item, missed) => {
    const { tracing } = core.environment
    const ran =
      tracing === undefined
        ? run(invocation, item, missed, originOfDue(item, service, invocation.delivery.type))
        : runTraced(tracing, invocation, item, missed)
    return ran === undefined
      ? finishFunction(core, invocation.unit)
      : ran.then(() => finishFunction(core, invocation.unit))
  }
}

function originOfDue(item: ScheduledItem, service: string, type: string): Origin {
  return { ...originOfItem(item, service), causedBy: `timer/${type}`, occurredAt: item.dueAt }
}

function declaresOf(handler: TimerDeclaration): Declares {
  return { ...handler, by: `Timer ${handler.timer}`, lookups: [] }
}

class TimerContext extends UnitContext {
  readonly timer: DueTimer

  constructor(core: ServiceCore, unit: UnitOfWork, origin: Origin, declares: Declares, due: DueTimer) {
    super(core, unit, origin, declares)
    this.timer = due
  }
}

function unknownTimer(core: ServiceCore, item: ScheduledItem): TidingsError {
  const owner = item.owner === serviceTimers ? '' : ` of process ${item.owner}`
  if (core.isOutdated) return waitsForNewerCode(core.service.name, item.name, `timer ${item.name}${owner}`)
  return new TidingsError(
    'UNKNOWN_TIMER',
    `Timer ${item.name}${owner} came due, but ${core.service.name} no longer has a function for it.`,
    { details: { timer: item.name, owner: item.owner } },
  )
}
