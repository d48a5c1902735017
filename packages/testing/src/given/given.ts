// `given`: the start of every test of a single part of a system.

import { type Decider, type Service, type ServiceDefinition, type ServiceTypes, TidingsError } from 'tidings'
import { checkObject, importHint } from 'tidings/errors'
import { type DeciderGiven, givenDecider } from './decider-chain.ts'
import type { GivenFact } from './given-fact.ts'
import { givenReadModel, type ReadModelGiven } from './read-model-chain.ts'
import { givenService, type ServiceGiven } from './service-chain.ts'

/**
 * Sets up a part of a system for a test that continues with `when` and `then`.
 *
 * - `given(order, [['placed', { … }]]).when('PayOrder', { … }).then([['paid', { … }]])`: a decider, and the facts of its stream.
 * - `await given(shipping).replicas({ customers: [ … ] }).when(dispatchParcel, { … }).then({ published: [ … ] })`: a service alone;
 *   `when` takes an event, one handler, a command, a query or an effect, and `whenTimePasses` lets time pass.
 * - `await given(insights, 'by-month').events([[OrderPlaced, { … }]]).then({ months: [ … ] })`: a projection or a replica.
 */
export function given<D extends Decider>(decider: D, facts?: readonly GivenFact<D>[]): DeciderGiven<D>
export function given<S extends Service>(service: S): ServiceGiven<S>
export function given<S extends Service>(service: S, readModel: string): ReadModelGiven<S>
export function given(
  definition: ServiceDefinition<ServiceTypes>,
): 'This service is not complete: pass the result of its .with({ … }).'
export function given(
  subject: Decider | Service | ServiceDefinition<ServiceTypes>,
  more?: readonly unknown[] | string,
): unknown {
  checkObject(subject, {
    what: 'What the test is about',
    hint: `Pass a decider or a complete service: \`given(shipping)\`.${importHint(subject)}`,
  })
  if (!('kind' in subject)) {
    throw new TidingsError(
      'INVALID_CONTRACT',
      `Service ${subject.name} is not complete: pass the result of its .with({ … }).`,
    )
  }
  if (subject.kind === 'decider') return givenDecider(subject, (more ?? []) as readonly GivenFact<Decider>[])
  return typeof more === 'string' ? givenReadModel(subject, more) : givenService(subject)
}
