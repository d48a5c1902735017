// `given`: the one word that every test of a part begins with.

import { type Decider, type Service, type ServiceDefinition, type ServiceTypes, TidingsError } from 'tidings'
import { type DeciderGiven, givenDecider } from './decider-chain.ts'
import type { GivenFact } from './given-fact.ts'
import { givenReadModel, type ReadModelGiven } from './read-model-chain.ts'
import { givenService, type ServiceGiven } from './service-chain.ts'

/**
 * A part of a system and what it has, for a test that goes on with `when` and `then`.
 *
 * - `given(order, [['placed', { … }]]).when('PayOrder', { … }).then([['paid', { … }]])`: a decider, and the facts of its stream.
 * - `await given(shipping).replicas({ customers: [ … ] }).when(dispatchParcel, { … }).then({ published: [ … ] })`: a service alone; what
 *   happens is an event, one handler, a command, a query, an effect, or that time passes.
 * - `await given(insights, 'by-month').events([[OrderPlaced, { … }]]).then({ months: [ … ] })`: a projection or a replica.
 */
export function given<D extends Decider>(decider: D, facts?: readonly GivenFact<D>[]): DeciderGiven<D>
export function given<S extends Service>(service: S): ServiceGiven<S>
export function given<S extends Service>(service: S, readModel: string): ReadModelGiven<S>
export function given(
  definition: ServiceDefinition<ServiceTypes>,
): 'This service is not put together yet: give what its .with({ … }) gives.'
export function given(
  subject: Decider | Service | ServiceDefinition<ServiceTypes>,
  more?: readonly unknown[] | string,
): unknown {
  if (!('kind' in subject)) {
    throw new TidingsError(
      'INVALID_CONTRACT',
      `Service ${subject.name} is not put together yet: give its .with({ … }).`,
    )
  }
  if (subject.kind === 'decider') return givenDecider(subject, (more ?? []) as readonly GivenFact<Decider>[])
  return typeof more === 'string' ? givenReadModel(subject, more) : givenService(subject)
}
