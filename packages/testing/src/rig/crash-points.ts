// The named points at which a rig kills a process, or has a function loop or hang. Invariant: the process does so itself, within the call that the
// point names, so nothing after the point has begun.

import type { Service } from 'tidings'
import type { Engine } from 'tidings/ports'

/**
 * Every crash point: before and after each thing that a service's process does. `state-write`, `checkpoint`, `timer-claim` and
 * `outbox-insert` lie within the store's own transaction. There is no point `mark-sent`: a relay keeps no mark of what it has sent, but
 * asks the broker for its position.
 */
export const crashPoints = [
  'store-open.before',
  'store-open.after',
  'command.before',
  'command.after',
  'handler.before',
  'handler.after',
  'projection.before',
  'projection.after',
  'timer-fire.before',
  'timer-fire.after',
  'effect.before',
  'effect.after',
  'effect-outcome.before',
  'effect-outcome.after',
  'lookup.before',
  'lookup.after',
  'query.before',
  'query.after',
  'source-read.before',
  'source-read.after',
  'commit.before',
  'state-write.before',
  'state-write.after',
  'checkpoint.before',
  'checkpoint.after',
  'timer-claim.before',
  'timer-claim.after',
  'outbox-insert.before',
  'outbox-insert.after',
  'commit.after',
  'publish.before',
  'publish.after',
] as const

/** A crash point's name. */
export type CrashPoint = (typeof crashPoints)[number]

/**
 * What happens at a point: the process dies by SIGKILL, it is blocked by a loop without an end, or the function hangs. The last two happen at points of
 * `functionPointsOf`.
 */
export type PointFault = 'die' | 'loop' | 'hang'

/**
 * Called when a service reaches a point; may kill or block the process, and otherwise returns at once. If it returns a promise, which never settles, the
 * function at the point hangs: its caller waits for that promise.
 */
export type Reached = (service: string, point: CrashPoint) => Promise<never> | undefined

/** A point that a service's process can reach. */
export interface Reachable {
  readonly service: string
  readonly point: CrashPoint
}

/** A point that was reached by order, and what happened there. */
export interface Hit extends Reachable {
  readonly fault: PointFault
  readonly pid: number
}

/**
 * The points that a service can reach, according to its declarations.
 *
 * @param capabilities - the broker's: only one with a relay has points for publishing.
 */
export function pointsOf(service: Service, capabilities: Engine['broker']['capabilities']): readonly Reachable[] {
  const { commands, deciders, handlers, projections, replicas, processes, timerHandlers, effects, queries } = service
  const publishes = service.publishes.length > 0
  const hears = handlers.length + projections.length + Object.keys(replicas).length > 0
  const timers = timerHandlers.length > 0 || processes.some(({ inputs }) => inputs.some(({ on }) => on === 'timer'))
  const both = (name: string, there: boolean) => (there ? [`${name}.before`, `${name}.after`] : [])
  const names = [
    ...both('store-open', true),
    ...both('command', commands.length + deciders.length > 0),
    ...both('handler', handlers.length > 0),
    ...both('projection', projections.length > 0),
    ...both('timer-fire', timers),
    ...both('effect', effects.length > 0),
    ...both(
      'effect-outcome',
      effects.some(({ outcome }) => outcome !== undefined),
    ),
    ...both(
      'lookup',
      handlers.some(({ lookups }) => lookups.length > 0),
    ),
    ...both('query', queries.length > 0),
    ...both('source-read', hears),
    ...both('commit', true),
    ...both('state-write', true),
    ...both('checkpoint', hears),
    ...both('timer-claim', timers || effects.length > 0),
    ...both('outbox-insert', publishes),
    ...both('publish', publishes && capabilities.relay),
  ]
  return names.map((point) => ({ service: service.name, point: point as CrashPoint }))
}

const functions: ReadonlySet<string> = new Set([
  'command',
  'handler',
  'projection',
  'timer-fire',
  'effect',
  'effect-outcome',
  'query',
])

/** The points where the service's own functions can loop for ever or hang. A decider cannot hang, because it cannot wait for anything. */
export function functionPointsOf(service: Service, fault: Exclude<PointFault, 'die'>): readonly Reachable[] {
  const decides = service.deciders.length > 0
  return pointsOf(service, { relay: false }).filter(({ point }) => {
    const of = point.slice(0, point.lastIndexOf('.'))
    return functions.has(of) && !(fault === 'hang' && of === 'command' && decides)
  })
}
