// Which deferred events block which: the events of each key, in the order of the source. An event whose keys cannot be told yet blocks all
// later ones of its own key, because it may belong to any of them.
// Invariant: the lists are sorted by position, in whatever order events are added.

import type { DeferralPlace, DeferredEvent } from './deferred-event.ts'

/** What may be blocked: something with a place, and with a key of its own. */
export type Blockable = DeferralPlace & { readonly ownKey: string }

/** The deferred events of one subscription, by what they block. */
export class BlockedKeys {
  readonly #byKey = new Map<string, DeferredEvent[]>()
  /** Events whose keys are not known, by their own key. */
  readonly #unplaced = new Map<string, DeferredEvent[]>()
  /** Events that block nothing, by their position. */
  readonly #single = new Map<string, DeferredEvent>()

  clear(): void {
    this.#byKey.clear()
    this.#unplaced.clear()
    this.#single.clear()
  }

  add(event: DeferredEvent): void {
    const { keys, ownKey, position } = event
    if (keys === undefined) insert(this.#unplaced, ownKey, event)
    else if (keys.length === 0) this.#single.set(position, event)
    else for (const key of keys) insert(this.#byKey, key, event)
  }

  remove(event: DeferredEvent): void {
    const { keys, ownKey, position } = event
    if (keys === undefined) take(this.#unplaced, ownKey, event)
    else if (keys.length === 0) this.#single.delete(position)
    else for (const key of keys) take(this.#byKey, key, event)
  }

  /** Puts an event in the place of what it was before; it keeps its keys. */
  replace(event: DeferredEvent): void {
    const { keys, ownKey, position } = event
    if (keys === undefined) exchange(this.#unplaced.get(ownKey), event)
    else if (keys.length === 0) this.#single.set(position, event)
    else for (const key of keys) exchange(this.#byKey.get(key), event)
  }

  /** The events that no earlier one blocks. */
  *heads(): IterableIterator<DeferredEvent> {
    for (const [key, [head]] of this.#byKey)
      if (head !== undefined && head.keys?.[0] === key && !this.isBehind(head)) yield head
    for (const [head] of this.#unplaced.values()) if (head !== undefined) yield head
    yield* this.#single.values()
  }

  /** The first event that blocks something. */
  first({ keys, ownKey }: Blockable): DeferredEvent | undefined {
    let first = this.#unplaced.get(ownKey)?.[0]
    for (const key of keys ?? []) {
      const [head] = this.#byKey.get(key) ?? []
      if (head !== undefined && (first === undefined || head.position < first.position)) first = head
    }
    return first
  }

  /** Whether an earlier event blocks a deferred one. */
  isBehind(event: DeferredEvent): boolean {
    const first = this.first(event)
    return first !== undefined && first.position < event.position
  }

  /** A deferred event and the later ones that it blocks, in order. */
  from(event: DeferredEvent): readonly DeferredEvent[] {
    const lists =
      event.keys === undefined
        ? [this.#unplaced.get(event.ownKey) ?? [], this.#placedOf(event.ownKey)]
        : event.keys.map((key) => this.#byKey.get(key) ?? [])
    const found = new Map([event, ...lists.flat()].map((each) => [each.position, each]))
    return [...found.values()]
      .filter(({ position }) => position >= event.position)
      .sort((a, b) => (a.position < b.position ? -1 : 1))
  }

  unplaced(): readonly DeferredEvent[] {
    return [...this.#unplaced.values()].flat()
  }

  /** The events that have a key. */
  under(key: string): readonly DeferredEvent[] {
    return this.#byKey.get(key) ?? []
  }

  #placedOf(ownKey: string): readonly DeferredEvent[] {
    return [...this.#byKey.values()].flat().filter((event) => event.ownKey === ownKey)
  }
}

function insert(lists: Map<string, DeferredEvent[]>, key: string, event: DeferredEvent): void {
  const list = lists.get(key)
  if (list === undefined) {
    lists.set(key, [event])
    return
  }
  let at = list.length
  while (at > 0 && (list[at - 1] as DeferredEvent).position > event.position) at--
  list.splice(at, 0, event)
}

function take(lists: Map<string, DeferredEvent[]>, key: string, event: DeferredEvent): void {
  const left = (lists.get(key) ?? []).filter(({ position }) => position !== event.position)
  if (left.length === 0) lists.delete(key)
  else lists.set(key, left)
}

function exchange(list: DeferredEvent[] | undefined, event: DeferredEvent): void {
  const at = list?.findIndex(({ position }) => position === event.position) ?? -1
  if (at >= 0) list?.splice(at, 1, event)
}
