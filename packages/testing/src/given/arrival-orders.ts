// The orders in which given events and facts can really arrive. Invariant: what one source has published for one key keeps its order; nothing
// else has an order, neither across keys of a source nor across sources.

import type { DecidedFact } from 'tidings'
import { createSeededRandom } from 'tidings/memory'
import { isRetracted } from '../session/event-record.ts'
import { chooseSeed, defaultSeed } from '../session/seed.ts'
import type { PlainEvent } from './run-alone.ts'
import type { GivenStream } from './service-variant.ts'

/** Something that arrives: an event, or the facts that a stream gets at once. */
export type Arrival =
  | { readonly kind: 'event'; readonly event: PlainEvent }
  | { readonly kind: 'facts'; readonly stream: GivenStream }

/** The most orders that are played. */
const ordersMax = 24

/** The orders in which these can arrive: all of them, or some that the seed chooses, the given order among them. */
export function arrivalOrders(arrivals: readonly Arrival[]): readonly (readonly Arrival[])[] {
  const chains = [...Map.groupBy(arrivals, chainOf).values()]
  if (countOf(chains) <= ordersMax) return interleavings(chains)
  const random = createSeededRandom(chooseSeed(undefined, () => defaultSeed))
  const orders = [arrivals]
  while (orders.length < ordersMax) orders.push(oneOrder(chains, () => random.next()))
  return orders
}

// What comes from one source with one key.
function chainOf(arrival: Arrival): string {
  if (arrival.kind === 'facts') return JSON.stringify(['~facts', arrival.stream.decider.name, arrival.stream.stream])
  const { contract, data } = arrival.event
  return JSON.stringify([contract.owner, isRetracted(data) ? data.key : contract.keyOf(data)])
}

// How many orders there are: n! / (a! b! …), counted up to a bound.
function countOf(chains: readonly (readonly Arrival[])[]): number {
  let count = 1
  let placed = 0
  for (const { length } of chains) {
    for (let index = 1; index <= length; index++) count = (count * ++placed) / index
    if (count > ordersMax) return count
  }
  return count
}

function interleavings(chains: readonly (readonly Arrival[])[]): readonly (readonly Arrival[])[] {
  const left = chains.filter(({ length }) => length > 0)
  if (left.length === 0) return [[]]
  return left.flatMap((chain) =>
    interleavings(left.map((other) => (other === chain ? other.slice(1) : other))).map((rest) => [
      chain[0] as Arrival,
      ...rest,
    ]),
  )
}

// Every order is as likely as any other: a chain is chosen as often as it has items left.
function oneOrder(chains: readonly (readonly Arrival[])[], random: () => number): readonly Arrival[] {
  const left = chains.map((chain) => [...chain])
  const order: Arrival[] = []
  for (let count = left.flat().length; count > 0; count--) {
    let place = Math.floor(random() * count)
    for (const chain of left) {
      if (place < chain.length) {
        order.push(chain.shift() as Arrival)
        break
      }
      place -= chain.length
    }
  }
  return order
}

/** An order as text, for the message of a test that fails: one line for each arrival. */
export function orderText(order: readonly Arrival[]): string {
  return order
    .map((arrival, index) => {
      const number = `\n  ${index + 1}. `
      if (arrival.kind === 'facts') {
        const { decider, stream, facts } = arrival.stream
        return `${number}${decider.name}/${stream}: ${facts.map((fact) => (fact as DecidedFact).type).join(', ')}`
      }
      const { contract, data } = arrival.event
      return `${number}${contract.name} of ${contract.owner}: ${isRetracted(data) ? `${data.key} retracted` : JSON.stringify(data)}`
    })
    .join('')
}
