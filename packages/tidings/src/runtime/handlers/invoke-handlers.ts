// Handles an event: invokes the handlers and process managers of its type, within one unit of work.

import type { NamedHandler } from '../../services/index.ts'
import { type HandlerDelivery, UnitHandlerContext } from '../contexts/handler-context.ts'
import type { Declares } from '../contexts/unit-context.ts'
import { finishFunction } from '../core/finish-function.ts'
import type { ServiceCore } from '../core/service-core.ts'
import type { Invoke } from '../delivery/invocation.ts'
import { runProcessEvent } from '../process-managers/run-process.ts'
import type { Origin } from '../unit-of-work/origin.ts'
import type { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import { readEventData } from './read-event-data.ts'

/** Invokes the handlers of a subscriber. */
export function invokeHandlers(core: ServiceCore, handlers: readonly NamedHandler[]): Invoke {
  const byType = Map.groupBy(
    handlers.map((handler) => {
      const effectsFrom = core.effectsFrom.get(handler.process?.name ?? handler.name)
      return { handler, declares: { ...handler, by: `Handler ${handler.name}`, effectsFrom } }
    }),
    ({ handler }) => handler.event.name,
  )
  return async ({ delivery, unit, attempt, epoch, isolated }) => {
    const { event } = delivery
    if (event === undefined) return
    for (const { handler, declares } of byType.get(event.type) ?? []) {
      const retracted = event.data === null
      if ((handler.when === 'retracted') !== retracted) continue
      const span = core.environment.tracing?.start(`handle ${event.type}`, event, {
        'tidings.service': core.service.name,
        'tidings.handler': handler.name,
        'tidings.attempt': attempt,
      })
      const origin = {
        service: core.service.name,
        correlationId: event.correlationId,
        causationId: event.id,
        causedBy: handler.process === undefined ? `handler/${handler.name}` : `process/${handler.process.name}`,
        principal: event.principal,
        tenant: event.tenant,
        traceparent: (span ?? event).traceparent,
        tracestate: (span ?? event).tracestate,
        occurredAt: event.occurredAt,
      }
      const delivery: HandlerDelivery = {
        event,
        attempt,
        isolated,
        minimumPosition: { epoch, position: event.position },
      }
      try {
        const data = retracted ? event.key : readEventData(handler.event, event)
        if (span === undefined) await invoke(core, unit, handler, declares, data, delivery, origin)
        else await span.run(() => invoke(core, unit, handler, declares, data, delivery, origin))
        span?.end()
      } catch (error) {
        span?.end(error)
        throw error
      }
    }
    const unfinished = finishFunction(core, unit)
    if (unfinished !== undefined) await unfinished
  }
}

/** Invokes one handler, or the process manager that it belongs to. */
function invoke(
  core: ServiceCore,
  unit: UnitOfWork,
  handler: NamedHandler,
  declares: Declares,
  data: unknown,
  delivery: HandlerDelivery,
  origin: Origin,
): Promise<void> {
  return handler.process !== undefined && handler.input !== undefined
    ? runProcessEvent(core, unit, handler.process, handler.input, data, delivery, origin)
    : runHandler(handler, data, new UnitHandlerContext(core, unit, origin, declares, delivery))
}

async function runHandler(handler: NamedHandler, data: unknown, context: UnitHandlerContext): Promise<void> {
  await handler.run(data, context)
  context.assertAwaited()
}
