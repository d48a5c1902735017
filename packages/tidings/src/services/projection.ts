// The chain that declares a projection: `insights.projection('by-month', { writes: ['months'] }).on(OrderPlaced, …)`.

import type { EventContract, EventData, FactData, TableDefinition } from '../contracts/index.ts'
import { TidingsError } from '../errors/index.ts'
import type { FactProjectionContext, ProjectionContext } from './context.ts'
import type { Decider, FactsOf } from './decider.ts'
import type { ProjectionDeclaration, ProjectionStep } from './declarations.ts'

type Tables = Readonly<Record<string, TableDefinition>>

/** A projection being declared; each step gives a new one. It may be listed in `with` at any point. */
export interface Projection<T extends Tables> extends ProjectionDeclaration {
  /** What an event of a contract does to the tables. No publications and no lookups: a rebuild runs it again. */
  on<E extends EventContract>(
    event: E,
    run: (data: EventData<E>, context: ProjectionContext<T>) => void | Promise<void>,
  ): Projection<T>
  /** What the end of an entity (state transfer) does to the tables. */
  onRetracted<E extends EventContract>(
    event: E,
    run: (key: string, context: ProjectionContext<T>) => void | Promise<void>,
  ): Projection<T>
  /** What a fact of the service's own streams does to the tables. */
  onFact<D extends Decider, Name extends keyof FactsOf<D> & string>(
    decider: D,
    fact: Name,
    run: (data: FactData<FactsOf<D>[Name]>, context: FactProjectionContext<T>) => void | Promise<void>,
  ): Projection<T>
}

/** Starts a projection. */
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
        `Projection ${name} of ${service} is inline; an inline projection follows the service's own facts, not events.`,
      )
    }
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
    onFact: (decider, fact, run) => add({ on: 'fact', decider, fact, run: run as never }),
  }
}
