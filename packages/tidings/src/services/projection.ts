// Declares a projection step by step: `insights.projection('by-month', { writes: ['months'] }).on(OrderPlaced, …)`.

import type { EventContract, EventData, FactData, FactDefinition, TableDefinition } from '../contracts/index.ts'
import { checkIsText, TidingsError } from '../errors/index.ts'
import { checkRun, checkSubject } from './check-uses.ts'
import type { FactProjectionContext, ProjectionContext } from './context.ts'
import type { Decider, FactsOf } from './decider.ts'
import type { ProjectionDeclaration, ProjectionStep } from './declarations.ts'

type Tables = Readonly<Record<string, TableDefinition>>

/** Options of a projection. */
export interface ProjectionOptions<Name extends string = string> {
  /** The read models that it writes. */
  readonly writes: readonly Name[]
  /** `inline`: in the unit of work that appends the facts; `async`: after it. Default: `async`. */
  readonly mode?: 'inline' | 'async'
}

/** A function of a projection that handles an event. */
export type ProjectionRun<E extends EventContract, T extends Tables> = (
  data: EventData<E>,
  context: ProjectionContext<T>,
) => void | Promise<void>

/** A function of a projection that handles a fact. */
export type FactProjectionRun<F extends FactDefinition, T extends Tables> = (
  data: FactData<F>,
  context: FactProjectionContext<T>,
) => void | Promise<void>

/** A projection under construction; each step returns a new one. Every step is a complete declaration for `with`. */
export type Projection<T extends Tables> = ProjectionDeclaration & {
  /** Handles an event. It cannot publish or look up, because a rebuild runs it again. */
  on<E extends EventContract>(event: E, run: ProjectionRun<E, T>): Projection<T>
  /** Handles the retraction of an entity (state transfer). */
  onRetracted<E extends EventContract>(
    event: E,
    run: (key: string, context: ProjectionContext<T>) => void | Promise<void>,
  ): Projection<T>
  /** Handles a fact of the service's own streams. */
  onFact<D extends Decider, Name extends keyof FactsOf<D> & string>(
    decider: D,
    fact: Name,
    run: FactProjectionRun<FactsOf<D>[Name], T>,
  ): Projection<T>
}

/** Starts the declaration of a projection. */
export function startProjection<T extends Tables>(
  service: string,
  name: string,
  mode: 'inline' | 'async',
  writes: readonly string[],
  steps: readonly ProjectionStep[] = [],
): Projection<T> {
  const add = (step: ProjectionStep): Projection<T> => startProjection(service, name, mode, writes, [...steps, step])
  const addEvent = (event: EventContract, when: 'published' | 'retracted', run: unknown): Projection<T> => {
    if (mode === 'inline') {
      throw new TidingsError(
        'INVALID_CONTRACT',
        `Projection ${name} of ${service} is inline; an inline projection handles facts of its own service, not events.`,
      )
    }
    checkSubject(`The event of projection ${name} of ${service}`, event, 'event', `.on(SomethingHappened, …)`)
    checkRun(`projection ${name} of ${service} for ${event.name}`, run)
    return add({ on: 'event', event, when, run: run as never })
  }
  return {
    kind: 'projection',
    service,
    name,
    mode,
    writes,
    steps,
    on: (event, run) => addEvent(event, 'published', run),
    onRetracted: (event, run) => addEvent(event, 'retracted', run),
    onFact: (decider, fact, run) => {
      const written = "onFact(order, 'placed', …)"
      checkSubject(`The decider of projection ${name} of ${service}`, decider, 'decider', written)
      checkIsText(fact, { what: `The fact of projection ${name} of ${service}`, hint: `Write \`${written}\`.` })
      checkRun(`projection ${name} of ${service} for ${fact}`, run)
      return add({ on: 'fact', decider, fact, run: run as never })
    },
  }
}
