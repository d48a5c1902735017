// Handles an event: invokes the handlers and process managers of its type, within one unit of work.

import type { LoggedEvent } from '../../contracts/index.ts'
import type { Awaitable, Span } from '../../ports/index.ts'
import type { NamedHandler } from '../../services/index.ts'
import { isThenable } from '../concurrency/is-thenable.ts'
import { type HandlerDelivery, UnitHandlerContext } from '../contexts/handler-context.ts'
import type { Declares } from '../contexts/unit-context.ts'
import { finishFunction } from '../core/finish-function.ts'
import type { ServiceCore } from '../core/service-core.ts'
import type { Invocation, Invoke } from '../delivery/invocation.ts'
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
  return (invocation) => {
    const { event } = invocation.delivery
    if (event === undefined) return
    const retracted = event.data === null
    const named = byType.get(event.type) ?? []
    return invokeFrom(
      0,
      named.filter(({ handler }) => (handler.when === 'retracted') === retracted),
    )

    // One after the other; waits only for those that return a promise.
    function invokeFrom(first: number, due: readonly Declared[]): Awaitable<void> {
      for (let index = first; index < due.length; index++) {
        const ended = invokeOne(core, due[index] as Declared, event as LoggedEvent, invocation)
        if (ended instanceof Promise) return ended.then(() => invokeFrom(index + 1, due))
      }
      return finishFunction(core, invocation.unit)
    }
  }
}

interface Declared {
  readonly handler: NamedHandler
  readonly declares: Declares
}

function invokeOne(
  core: ServiceCore,
  { handler, declares }: Declared,
  event: LoggedEvent,
  { unit, attempt, epoch, isolated }: Invocation,
): Awaitable<void> {
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
  const minimumPosition = { epoch, position: event.position }
  const delivery: HandlerDelivery = { event, attempt, isolated, minimumPosition }
  const run = () => {
    const data = event.data === null ? event.key : readEventData(handler.event, event)
    return invoke(core, unit, handler, declares, data, delivery, origin)
  }
  return span === undefined ? run() : invokeWithin(span, run)
}

async function invokeWithin(span: Span, run: () => Awaitable<void>): Promise<void> {
  try {
    await span.run(async () => run())
    span.end()
  } catch (error) {
    span.end(error)
    throw error
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
): Awaitable<void> {
  return handler.process !== undefined && handler.input !== undefined
    ? runProcessEvent(core, unit, handler.process, handler.input, data, delivery, origin)
    : runHandler(handler, data, new UnitHandlerContext(core, unit, origin, declares, delivery))
}

function runHandler(handler: NamedHandler, data: unknown, context: UnitHandlerContext): Awaitable<void> {
  const ended: unknown = handler.run(data, context)
  if (isThenable(ended)) return Promise.resolve(ended).then(() => context.assertAwaited())
  context.assertAwaited()
}
