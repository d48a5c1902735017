// The orders that a fault injector has given to services, and how it chooses points for them. Invariant: a service has one order at a time, and an order
// whose point is not reached for a while is withdrawn.

import type { Random } from 'tidings/ports'
import type { PointFault, Reachable } from './crash-points.ts'
import type { CrashOrders } from './crash-switch.ts'

/** How long an order may wait until its service reaches the point, in milliseconds. */
const orderMs = 8_000

/** Gives orders to the services that run. */
export class GivenOrders {
  readonly #orders: CrashOrders
  readonly #random: Random
  readonly #given = new Map<string, number>()
  readonly #tries = new Map<string, number>()

  constructor(orders: CrashOrders, random: Random) {
    this.#orders = orders
    this.#random = random
  }

  /**
   * Gives an order for one of the points, and returns the point. It prefers the points hit least often; among those, points that few services reach; then
   * those tried least often.
   *
   * @param up - the services that run: in one that starts, the first commit would hit most points.
   */
  give(fault: PointFault, points: readonly Reachable[], up: { has(service: string): boolean }): Reachable | undefined {
    const hits = Map.groupBy(this.#orders.hits(fault), ({ point }) => point)
    const services = Map.groupBy(points, ({ point }) => point)
    const nameOf = ({ service, point }: Reachable) => `${fault} ${service} ${point}`
    const costOf = (each: Reachable) =>
      (hits.get(each.point)?.length ?? 0) * 1_000_000 +
      (services.get(each.point)?.length ?? 0) * 1_000 +
      (this.#tries.get(nameOf(each)) ?? 0) +
      this.#random.next()
    const open = points.filter(({ service }) => up.has(service) && !this.#given.has(service))
    const [chosen] = open.map((each) => ({ each, cost: costOf(each) })).sort((a, b) => a.cost - b.cost)
    if (chosen === undefined) return undefined
    const { each } = chosen
    this.#tries.set(nameOf(each), (this.#tries.get(nameOf(each)) ?? 0) + 1)
    this.#given.set(each.service, performance.now())
    this.#orders.give(each, fault)
    return each
  }

  /** Forgets the orders that were obeyed, and withdraws those that have waited for too long. */
  withdrawOld(): void {
    for (const [service, at] of this.#given)
      if (!this.#orders.waits(service) || performance.now() - at >= orderMs) this.#withdraw(service)
  }

  /** Withdraws all. */
  withdrawAll(): void {
    for (const service of this.#given.keys()) this.#withdraw(service)
  }

  #withdraw(service: string): void {
    this.#orders.withdraw(service)
    this.#given.delete(service)
  }
}
