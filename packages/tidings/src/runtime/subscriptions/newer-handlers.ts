// The handlers that newer code has given a subscriber and this code has not, while a deployment rolls. An event that is for one of them is deferred as a
// whole, and waits for newer code. Invariant: which handlers a subscription was placed with, and by which code, is committed with its checkpoint.

import type { LoggedEvent } from '../../contracts/index.ts'
import type { Position } from '../../ports/index.ts'
import type { NamedHandler } from '../../services/index.ts'
import type { ServiceCore } from '../core/service-core.ts'
import { readDocument, systemTables } from '../unit-of-work/system-tables.ts'
import type { UnitOfWork } from '../unit-of-work/unit-of-work.ts'

/** What a handler hears, as stored. */
interface Heard {
  readonly type: string
  readonly when: NamedHandler['when']
}

/** With which handlers a subscription was placed, as stored. */
export interface PlacedHandlers {
  /** The number of the code that did it. */
  readonly code: number
  readonly handlers: Readonly<Record<string, Heard>>
}

/** The handlers that only newer code has; each starts after its position. */
export class NewerHandlers {
  readonly #handlers: readonly (Heard & { readonly name: string; readonly since: Position })[]

  constructor({ handlers }: PlacedHandlers, since: Readonly<Record<string, Position>>, known: ReadonlySet<string>) {
    this.#handlers = Object.entries(since).flatMap(([name, position]) => {
      const heard = handlers[name]
      return known.has(name) || heard === undefined ? [] : [{ ...heard, name, since: position }]
    })
  }

  /** The types that they hear. */
  get types(): readonly string[] {
    return this.#handlers.map(({ type }) => type)
  }

  /** The names of those that an event is for. */
  namesFor({ type, data }: LoggedEvent, position: Position): readonly string[] {
    const when = data === null ? 'retracted' : 'published'
    return this.#handlers
      .filter((handler) => handler.type === type && handler.when === when && position > handler.since)
      .map(({ name }) => name)
  }
}

/** What is stored of a subscription's handlers. Stores of one writer have none: there, no newer code can have run beside this one. */
export async function placedHandlers(core: ServiceCore, subscription: string): Promise<PlacedHandlers | undefined> {
  if (!core.sharesStore) return undefined
  return (await readDocument<PlacedHandlers>(core.store, systemTables.run, keyOf(subscription)))?.document
}

/** Notes that this code has placed a subscription. */
export function notePlaced(
  core: ServiceCore,
  unit: UnitOfWork,
  subscription: string,
  handlers: readonly NamedHandler[],
): void {
  unit.putDocument(systemTables.run, keyOf(subscription), placedBy(core, handlers))
}

/** Moves the notes of subscriptions whose name or number of partitions has changed: the newest counts for each of them. */
export async function movePlaced(
  core: ServiceCore,
  unit: UnitOfWork,
  from: readonly string[],
  to: readonly string[],
): Promise<void> {
  let newest: PlacedHandlers | undefined
  for (const subscription of from) {
    const placed = await placedHandlers(core, subscription)
    if (placed === undefined) continue
    if (placed.code >= (newest?.code ?? 0)) newest = placed
    unit.deleteRow(systemTables.run, keyOf(subscription))
  }
  if (newest !== undefined)
    for (const subscription of to) unit.putDocument(systemTables.run, keyOf(subscription), newest)
}

/** Whether a subscription has to be noted as placed by this code. */
export function isPlacedAnew(
  core: ServiceCore,
  placed: PlacedHandlers | undefined,
  handlers: readonly NamedHandler[],
): boolean {
  return core.sharesStore && JSON.stringify(placed) !== JSON.stringify(placedBy(core, handlers))
}

function placedBy({ code }: ServiceCore, handlers: readonly NamedHandler[]): PlacedHandlers {
  return {
    code: code.own,
    handlers: Object.fromEntries(handlers.map(({ name, event, when }) => [name, { type: event.name, when }])),
  }
}

function keyOf(subscription: string): string {
  return `handlers/${subscription}`
}
