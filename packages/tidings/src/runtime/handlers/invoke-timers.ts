// What happens when a timer comes due: a timer of the service runs its handler, a timer of a process manager runs in its instance.

import { TidingsError } from '../../errors/index.ts'
import type { DueTimer, ProcessDeclaration, TimerDeclaration } from '../../services/index.ts'
import { type Declares, UnitContext } from '../contexts/unit-context.ts'
import { finishFunction } from '../core/finish-function.ts'
import type { ServiceCore } from '../core/service-core.ts'
import type { Invocation, Invoke } from '../delivery/invocation.ts'
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
  const handlers = new Map(core.service.timerHandlers.map((handler) => [handler.timer, handler]))
  return async (invocation) => {
    const { item } = invocation.delivery
    if (item === undefined || !(await takeItem(invocation.unit, item, invocation.delivery))) return
    // The next occurrence is set before the handler runs, so that the handler can cancel or change it.
    const missed = await setNext(core, invocation.unit, item)
    const span = core.environment.tracing?.start(`timer ${invocation.delivery.type}`, traceOfItem(item), {
      'tidings.service': core.service.name,
      'tidings.attempt': invocation.attempt,
    })
    const origin: Origin = {
      ...originOfItem(item, core.service.name),
      causedBy: `timer/${invocation.delivery.type}`,
      ...traceOf(span ?? traceOfItem(item)),
      occurredAt: item.dueAt,
    }
    try {
      const run = () => fire(core, invocation, item, missed, origin, handlers, processes)
      await (span === undefined ? run() : span.run(run))
      span?.end()
    } catch (error) {
      span?.end(error)
      throw error
    }
    const unfinished = finishFunction(core, invocation.unit)
    if (unfinished !== undefined) await unfinished
  }
}

async function fire(
  core: ServiceCore,
  invocation: Invocation,
  item: ScheduledItem,
  missed: number,
  origin: Origin,
  handlers: ReadonlyMap<string, TimerDeclaration>,
  processes: readonly ProcessDeclaration[],
): Promise<void> {
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
  const handler = handlers.get(item.name)
  const definition = core.service.timers[item.name]
  if (handler === undefined || definition === undefined) throw unknownTimer(core, item)
  const declares: Declares = { ...handler, by: `Timer ${item.name}`, lookups: [] }
  const context = new TimerContext(core, invocation.unit, origin, declares, due)
  await handler.run(readItemData(definition.chain, item), context)
  context.assertAwaited()
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
  return new TidingsError(
    'UNKNOWN_TIMER',
    `Timer ${item.name}${owner} came due, but ${core.service.name} no longer has a function for it.`,
    { details: { timer: item.name, owner: item.owner } },
  )
}
