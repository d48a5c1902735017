// The context of event handlers: all that every function that writes has, plus the event, lookups, and replicas with `require`.

import { type EventMeta, type EventRecord, metaOf, type QueryContract } from '../../contracts/index.ts'
import { checkKind, TidingsError } from '../../errors/index.ts'
import type { Position } from '../../ports/index.ts'
import type { ServiceCore } from '../core/service-core.ts'
import type { Origin } from '../unit-of-work/origin.ts'
import type { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import type { IsolatedRun } from './isolated-run.ts'
import { type Declares, UnitContext, wrong } from './unit-context.ts'

/** What a handler's context knows about its delivery. */
export interface HandlerDelivery {
  readonly event: EventRecord
  readonly attempt: number
  /** The event's position in its owner's event log: a lookup is never answered from an older state. */
  readonly minimumPosition: { readonly epoch: string; readonly position: Position }
  readonly isolated: IsolatedRun | undefined
}

/** What a context knows about a timer that came due. */
type TimerDelivery = Pick<HandlerDelivery, 'attempt'>

/** What handlers are given. */
export class UnitHandlerContext extends UnitContext {
  readonly attempt: number
  readonly #delivery: HandlerDelivery | TimerDelivery
  #event: EventMeta | undefined

  constructor(
    core: ServiceCore,
    unit: UnitOfWork,
    origin: Origin,
    declares: Declares,
    delivery: HandlerDelivery | TimerDelivery,
  ) {
    super(core, unit, origin, declares)
    this.attempt = delivery.attempt
    this.#delivery = delivery
  }

  protected override get isolated(): IsolatedRun | undefined {
    return this.#ofEvent?.isolated
  }

  get #ofEvent(): HandlerDelivery | undefined {
    return 'event' in this.#delivery ? this.#delivery : undefined
  }

  protected override get inputRecordedAt(): number {
    return this.#ofEvent?.event.recordedAt ?? super.inputRecordedAt
  }

  get event(): EventMeta {
    this.#event ??= metaOf((this.#delivery as HandlerDelivery).event)
    return this.#event
  }

  get lookup() {
    return (query: QueryContract, input: unknown): Promise<unknown> => {
      if (!this.declares.lookups.some((declared) => declared.owner === query?.owner && declared.name === query?.name)) {
        checkKind(query, 'query', wrong(this.declares.by, 'looks up', 'query'))
        throw new TidingsError(
          'NOT_DECLARED',
          `${this.declares.by} looks up ${query.name}, which it does not declare under lookups.`,
        )
      }
      const { minimumPosition, isolated, event } = this.#ofEvent ?? {}
      const ask = () =>
        this.core.lookUp({
          query,
          input,
          minimumPosition: query.owner === event?.source ? minimumPosition : undefined,
          correlationId: this.origin.correlationId,
          principal: this.origin.principal,
          tenant: this.origin.tenant,
          traceparent: this.origin.traceparent,
          tracestate: this.origin.tracestate,
          limits: this.core.service.limits,
        })
      const answer = isolated === undefined ? ask() : isolated.whileWaiting(ask)
      return this.started(`lookup(${query.name})`, answer, false)
    }
  }
}
