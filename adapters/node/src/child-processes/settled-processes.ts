// Waits until a system in several processes has settled: every subscription is at the end of its source, nothing is retried, and a second
// look finds the same ends. If an event moves from one process to another during the first look, that look may miss it; but the event moves
// an end, so the second look finds it.

import type { ControlStatus, ServiceAccount } from '@tidings/http/wire'
import { isTidingsError, TidingsError } from 'tidings'
import type { ControlClient } from '../control/control-client.ts'
import { mergeAccounts } from './merged-accounts.ts'

/** Options of waiting until a system has settled. */
export interface SettledOptions {
  /**
   * Throws `TIMED_OUT` after so many milliseconds, whatever happens meanwhile. Default: it waits as long as something moves, and throws if nothing
   * has moved for a minute.
   */
  readonly timeoutMs?: number
  /** The pause between two looks, in milliseconds. Default: 100. */
  readonly pollMs?: number
}

const factsSource = '~facts'

/** Without a timeout, a system in which nothing has moved for so long will not settle, in milliseconds. */
const stalledMs = 60_000

/** Resolves when no service has anything left to do; throws `TIMED_OUT`, naming what is still busy. */
export async function settledProcesses(
  services: readonly string[],
  clients: () => Promise<readonly ControlClient[]>,
  { timeoutMs, pollMs = 100 }: SettledOptions = {},
): Promise<void> {
  let limitAt = performance.now() + (timeoutMs ?? stalledMs)
  let moves: string | undefined
  let ends: string | undefined
  for (;;) {
    const accounts = await accountsOf(await clients())
    const busy = firstBusy(services, accounts)
    const seen = busy === undefined ? endsOf(accounts) : undefined
    if (seen !== undefined && seen === ends) return
    ends = seen
    const moved = movesOf(accounts)
    if (timeoutMs === undefined && (moved !== moves || isRetrying(accounts))) limitAt = performance.now() + stalledMs
    moves = moved
    if (performance.now() >= limitAt) {
      const within = timeoutMs === undefined ? `, and nothing has moved for ${stalledMs} ms` : ` within ${timeoutMs} ms`
      const why = busy ?? 'new events were still published'
      throw new TidingsError('TIMED_OUT', `The system has not settled${within}: ${why}.`)
    }
    await new Promise<void>((resolve) => {
      setTimeout(resolve, pollMs)
    })
  }
}

/** How far everything is, as text that changes whenever something moves. */
function movesOf(accounts: ReadonlyMap<string, ServiceAccount>): string {
  const moves = [...accounts.values()].map(({ service, epoch, eventLogHead, subscriptions }) => [
    ...[service, epoch, eventLogHead],
    ...subscriptions.map(({ position, handled }) => [position, handled]),
  ])
  return JSON.stringify(moves)
}

/** Whether events are retried, which have times of their own and are handled or parked in the end. */
function isRetrying(accounts: ReadonlyMap<string, ServiceAccount>): boolean {
  return [...accounts.values()].some(({ subscriptions }) => subscriptions.some(({ retrying }) => retrying > 0))
}

async function accountsOf(clients: readonly ControlClient[]): Promise<ReadonlyMap<string, ServiceAccount>> {
  const statuses = await Promise.all(clients.map(statusOf))
  const accounts = mergeAccounts(statuses.flatMap((status) => status?.services ?? []))
  return new Map(accounts.map((account) => [account.service, account]))
}

async function statusOf(client: ControlClient): Promise<ControlStatus | undefined> {
  try {
    return await client.status()
  } catch (error) {
    // The process was killed, is ending or starting: wait for its services.
    if (isTidingsError(error)) return undefined
    throw error
  }
}

/** What is still busy, in words; `undefined` if nothing is. */
export function firstBusy(
  services: readonly string[],
  accounts: ReadonlyMap<string, ServiceAccount>,
): string | undefined {
  for (const name of services) if (!accounts.has(name)) return `${name} is not running`
  for (const account of accounts.values()) {
    if ((account.outbox?.depth ?? 0) > 0) return `the relay of ${account.service} is busy`
    if (!account.schedule.atRest) return `timers or effects of ${account.service} are due`
    for (const subscription of account.subscriptions) {
      const name = `${subscription.subscriber} of ${account.service} on ${subscription.source}`
      const { state, error, position, retrying, waiting, running } = subscription
      if (state !== 'running') return `${name} is ${state}${error === undefined ? '' : ` (${error.message})`}`
      const head =
        subscription.source === factsSource ? account.factsHead : accounts.get(subscription.source)?.eventLogHead
      if (position < (head ?? subscription.head)) return `${name} is at ${position || 'the beginning'} of ${head}`
      if (running > 0) return `${name} has handlers that still run: ${running}`
      if (retrying + waiting > 0) return `${name} has events to retry: ${retrying + waiting}`
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
