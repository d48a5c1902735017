// The order within one batch: which deliveries run one after the other, and which are blocked because an earlier one has failed.
// Invariant: what runs side by side shares no key, and no instance of a process manager.

import type { Delivery } from '../delivery-readers/delivery-reader.ts'
import type { Subscription } from './subscription.ts'

/** Keeps the order of one batch. */
export class BatchOrder {
  readonly #subscription: Subscription
  readonly #blocked = new Set<string>()
  /** The own keys of failed deliveries that may belong to any instance. */
  readonly #blockedOwn = new Set<string>()

  constructor(subscription: Subscription) {
    this.#subscription = subscription
  }

  /** The deliveries that run one after the other, by their index; different chains run side by side. */
  chains(deliveries: readonly Delivery[]): readonly (readonly number[])[] {
    if (this.#subscription.scope === 'instance') return this.#chainsOfInstances(deliveries)
    const chains = new Map<string, number[]>()
    for (const [index, { key }] of deliveries.entries()) {
      const chain = chains.get(key)
      if (chain === undefined) chains.set(key, [index])
      else chain.push(index)
    }
    return [...chains.values()]
  }

  /** Whether two deliveries must run one after the other. */
  areOrdered(one: Delivery, other: Delivery): boolean {
    if (this.#subscription.scope !== 'instance') return one.key === other.key
    const keys = this.#keysOf(one)
    const others = this.#keysOf(other)
    return keys === undefined || others === undefined || keys.some((key) => others.includes(key))
  }

  /** Notes that a delivery is deferred: later ones wait behind it. */
  block(delivery: Delivery): void {
    const keys = this.#keysOf(delivery)
    if (keys === undefined) this.#blockedOwn.add(delivery.key)
    else for (const key of keys) this.#blocked.add(key)
  }

  /** Whether an earlier delivery of the batch blocks this one. */
  isBlocked(delivery: Delivery): boolean {
    if (this.#blocked.size === 0 && this.#blockedOwn.size === 0) return false
    if (this.#blockedOwn.has(delivery.key)) return true
    return this.#keysOf(delivery)?.some((key) => this.#blocked.has(key)) ?? false
  }

  /** Those deliveries that no earlier one blocks, whether it was deferred before or is in this batch. */
  runnable(deliveries: readonly Delivery[]): readonly Delivery[] {
    if (this.#subscription.blocksNothing) return deliveries
    return deliveries.filter((delivery) => {
      if (!this.#subscription.blocks(delivery) && !this.isBlocked(delivery)) return true
      this.block(delivery)
      return false
    })
  }

  #keysOf(delivery: Delivery): readonly string[] | undefined {
    return this.#subscription.placeOf(delivery).keys
  }

  #chainsOfInstances(deliveries: readonly Delivery[]): readonly (readonly number[])[] {
    const chains = new Set<number[]>()
    const chainOf = new Map<string, number[]>()
    const keysAt = deliveries.map((delivery) => this.#keysOf(delivery))
    // One that may belong to any instance runs in its place among all.
    if (keysAt.includes(undefined)) return [deliveries.map((_, index) => index)]
    for (const [index, keys = []] of keysAt.entries()) {
      const [chain = [], ...joined] = new Set(found(keys, chainOf))
      for (const other of joined) {
        chain.push(...other)
        chains.delete(other)
      }
      chain.push(index)
      if (joined.length > 0) chain.sort((a, b) => a - b)
      chains.add(chain)
      for (const at of joined.length > 0 ? chain : [index]) for (const key of keysAt[at] ?? []) chainOf.set(key, chain)
    }
    return [...chains]
  }
}

function found(keys: readonly string[], chainOf: ReadonlyMap<string, number[]>): number[][] {
  return keys.flatMap((key) => {
    const chain = chainOf.get(key)
    return chain === undefined ? [] : [chain]
  })
}
