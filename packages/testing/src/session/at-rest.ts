// "Until everything has settled": every subscription has seen its source's head and tries nothing again. Parked events do not count.

import type { Scheduler } from 'tidings/ports'
import type { ServiceRuntime, Subscription } from 'tidings/runtime'

/** Resolves when nothing is left to do; tells meanwhile, through `busyWith`, what is. */
export async function untilSettled(
  services: () => readonly ServiceRuntime[],
  scheduler: Scheduler,
  busyWith: (why: string) => void,
): Promise<void> {
  for (;;) {
    const busy = await firstBusy(services())
    if (busy === undefined) return
    busyWith(busy.why)
    await newsOrTimeout(scheduler, busy.subscription)
  }
}

const lookAgainMs = 100

function newsOrTimeout(scheduler: Scheduler, subscription: Subscription | undefined): Promise<void> {
  return new Promise((resolve) => {
    const cancel = scheduler.after(lookAgainMs, () => settle())
    const stop = subscription?.moved.listen(() => settle())
    const settle = () => {
      cancel()
      stop?.()
      resolve()
    }
  })
}

/** What is still at work. */
export interface Busy {
  readonly why: string
  readonly subscription: Subscription | undefined
}

/** The first that has something left to do. */
export async function firstBusy(services: readonly ServiceRuntime[]): Promise<Busy | undefined> {
  for (const service of services) {
    if (!service.relayAtRest) return { why: `the relay of ${service.name} is at work`, subscription: undefined }
    const rebuilt = service.status.readModels.find(({ rebuild }) => rebuild !== undefined)
    if (rebuilt !== undefined)
      return { why: `${rebuilt.name} of ${service.name} is being rebuilt`, subscription: undefined }
  }
  for (const service of services) {
    for (const subscription of service.subscriptions) {
      const why = await workOf(service, subscription)
      if (why !== undefined) return { why, subscription }
    }
  }
  return undefined
}

async function workOf(service: ServiceRuntime, subscription: Subscription): Promise<string | undefined> {
  const { lane, status } = subscription
  const name = `${lane.subscriber} of ${service.name} on ${lane.feed.source}`
  if (!subscription.atRest) return `${name} is ${status.state}${status.error ? ` (${status.error.message})` : ''}`
  const page = await lane.feed.read(lane.seen, 1).catch(() => undefined)
  if (page === undefined) return `${name} cannot read its source`
  if (lane.seen < page.head) return `${name} is at ${lane.seen || 'the beginning'} of ${page.head}`
  for (const head of lane.held.heads()) {
    if (head.state !== 'parked')
      return `${name} holds ${head.type} of ${head.key} (${head.error?.message ?? head.state})`
  }
  return undefined
}
