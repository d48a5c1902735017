// What the instances of a service say of it, together: each knows what it does itself, and less of what the others do.
// Invariant: what no instance does is not at rest.

import type { ServiceAccount } from '@tidings/http/wire'

/** One account for each service: that of its instances together. What an instance does comes from that instance. */
export function mergeAccounts(accounts: readonly ServiceAccount[]): readonly ServiceAccount[] {
  return [...Map.groupBy(accounts, ({ service }) => service).values()].map(merged)
}

function merged(accounts: readonly ServiceAccount[]): ServiceAccount {
  const [first, ...others] = accounts as readonly [ServiceAccount, ...ServiceAccount[]]
  if (others.length === 0) return first
  const keeper = accounts.find(({ instance }) => instance?.groups.includes('schedule'))
  const subscriptions = Map.groupBy(
    accounts.flatMap((account) => account.subscriptions),
    ({ subscriber, source }) => JSON.stringify([subscriber, source]),
  )
  return {
    ...first,
    eventLogHead: last(accounts.map(({ eventLogHead }) => eventLogHead)),
    factsHead: last(accounts.map(({ factsHead }) => factsHead)),
    outbox: accounts.find(({ outbox }) => outbox !== undefined)?.outbox,
    schedule: keeper?.schedule ?? { ...first.schedule, atRest: false },
    subscriptions: [...subscriptions.values()].flatMap((each) => {
      const own = each.find(({ state }) => state !== 'elsewhere') ?? each[0]
      return own === undefined ? [] : [own]
    }),
  }
}

function last(positions: readonly string[]): string {
  return positions.reduce((one, other) => (one > other ? one : other))
}
