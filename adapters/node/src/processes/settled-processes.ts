// "Until everything has settled" across processes. Each process tells where its subscribers stand and where its own history ends;
// a system has settled when every subscriber is at its source's end, nothing is held back, and a second look finds the same ends.
// Two looks are needed: what moves between two processes is seen by the second, since it moves an end.

import type { ControlStatus, ServiceAccount } from '@tidings/http/wire'
import { isTidingsError, TidingsError } from 'tidings'
import type { ControlClient } from '../control/control-client.ts'

/** Options of waiting. */
export interface SettledOptions {
  /** Give up with `TIMED_OUT` after so many milliseconds. Default: 60,000. */
  readonly timeoutMs?: number
  /** How long to wait between two looks, in milliseconds. Default: 100. */
  readonly pollMs?: number
}

const factsSource = '~facts'

/** Resolves when no service has anything left to do; throws `TIMED_OUT` naming what is still at work. */
export async function settledProcesses(
  services: readonly string[],
  clients: () => Promise<readonly ControlClient[]>,
  { timeoutMs = 60_000, pollMs = 100 }: SettledOptions = {},
): Promise<void> {
  const deadline = performance.now() + timeoutMs
  let ends: string | undefined
  for (;;) {
    const accounts = await accountsOf(await clients())
    const busy = firstBusy(services, accounts)
    const seen = busy === undefined ? endsOf(accounts) : undefined
    if (seen !== undefined && seen === ends) return
    ends = seen
    if (performance.now() >= deadline) {
      throw new TidingsError(
        'TIMED_OUT',
        `The system has not settled within ${timeoutMs} ms: ${busy ?? 'it was still moving'}.`,
      )
    }
    await new Promise<void>((resolve) => {
      setTimeout(resolve, pollMs)
    })
  }
}

async function accountsOf(clients: readonly ControlClient[]): Promise<ReadonlyMap<string, ServiceAccount>> {
  const statuses = await Promise.all(clients.map(statusOf))
  return new Map(statuses.flatMap((status) => status?.services ?? []).map((account) => [account.service, account]))
}

async function statusOf(client: ControlClient): Promise<ControlStatus | undefined> {
  try {
    return await client.status()
  } catch (error) {
    // Killed, ending or starting: its services are not there now, and are waited for.
    if (isTidingsError(error)) return undefined
    throw error
  }
}

/** What is still at work, in words; `undefined` where nothing is. */
export function firstBusy(
  services: readonly string[],
  accounts: ReadonlyMap<string, ServiceAccount>,
): string | undefined {
  for (const name of services) if (!accounts.has(name)) return `${name} is not up`
  for (const account of accounts.values()) {
    if ((account.outbox?.depth ?? 0) > 0) return `the relay of ${account.service} is busy`
    if (!account.schedule.atRest) return `timers or effects of ${account.service} are due`
    for (const subscription of account.subscriptions) {
      const name = `${subscription.subscriber} of ${account.service} on ${subscription.source}`
      const { state, error, position, retrying, waiting } = subscription
      if (state !== 'running') return `${name} is ${state}${error === undefined ? '' : ` (${error.message})`}`
      const head =
        subscription.source === factsSource ? account.factsHead : accounts.get(subscription.source)?.eventLogHead
      if (position < (head ?? subscription.head)) return `${name} is at ${position || 'the beginning'} of ${head}`
      if (retrying + waiting > 0) return `${name} holds ${retrying + waiting} events that it tries again`
    }
  }
  return undefined
}

function endsOf(accounts: ReadonlyMap<string, ServiceAccount>): string {
  const ends = [...accounts.values()].map(({ service, epoch, eventLogHead, factsHead }) => [
    service,
    epoch,
    eventLogHead,
    factsHead,
  ])
  return JSON.stringify(ends.sort())
}
