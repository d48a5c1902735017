// What an operator sees of a running service: its status, and the heads of its logs and sources as they are now.
// Invariant: it comes soon, whatever the broker does, and what is not known is said to be unknown.

import { ending } from 'tidings/ports'
import type { Environment, ServiceRuntime } from 'tidings/runtime'
import type { ServiceAccount } from '../wire/control-answers.ts'

/** How long it waits for the heads of the sources of what other instances run, in milliseconds. */
const headWaitMs = 1_000

/** The account of a running service. */
export async function accountOf(
  service: ServiceRuntime,
  { timeouts }: Pick<Environment, 'timeouts'>,
): Promise<ServiceAccount> {
  const { store } = service
  const [log, facts] = await Promise.all([
    store.readEventLog({ after: ending, limit: 1 }),
    store.readFacts({ after: ending, limit: 1 }),
    lookElsewhere(service, timeouts),
  ])
  const { status } = service
  // Who does not watch the schedule has not looked for what is due next.
  const isWatched = status.instance?.groups.includes('schedule') ?? true
  const schedule = isWatched ? status.schedule : { ...status.schedule, nextDueAt: await service.nextDueAt() }
  return { ...status, schedule, eventLogHead: log.head, factsHead: facts.head }
}

// What other instances run moves on there, so the heads of its sources are read now. For a broker that does not answer, nobody waits.
async function lookElsewhere({ subscriptions }: ServiceRuntime, timeouts: Environment['timeouts']): Promise<void> {
  const elsewhere = subscriptions.filter(({ status }) => status.state === 'elsewhere')
  if (elsewhere.length === 0) return
  await new Promise<void>((resolve) => {
    const stop = timeouts.after(headWaitMs, resolve)
    void Promise.all(elsewhere.map((loop) => loop.readHead()))
      .catch(() => {})
      .then(() => {
        stop()
        resolve()
      })
  })
}
