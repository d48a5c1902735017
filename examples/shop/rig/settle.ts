// Waits until the system settles, using its control endpoints: every subscription is at the end of its source, nothing is due, no event is
// deferred. What does not settle in time is stuck.
import { setTimeout as pause } from 'node:timers/promises'
import type { ServiceAccount } from '@tidings/http/wire'
import { isTidingsError, type Service } from 'tidings'
import type { Running } from '../run/service-clients.ts'

const pollMs = 250
const facts = '~facts'

/** Waits until the system settles. Returns what is stuck when the time is over; otherwise nothing. */
export async function settle(
  services: readonly Service[],
  running: Running,
  withinMs: number,
): Promise<readonly string[]> {
  const deadline = performance.now() + withinMs
  let before: string | undefined
  for (;;) {
    const accounts = await accountsOf(running)
    const unsettled = unsettledIn(services, accounts)
    // Check twice: an event that moves between two processes meanwhile makes a history longer.
    const ends = unsettled.length === 0 ? endsOf(accounts) : undefined
    if (ends !== undefined && ends === before) return deferredIn(accounts)
    if (performance.now() >= deadline) return unsettled.length === 0 ? ['the histories still grow'] : unsettled
    before = ends
    await pause(pollMs)
  }
}

async function accountsOf(running: Running): Promise<ReadonlyMap<string, ServiceAccount>> {
  const clients = await running.clients()
  const answers = await Promise.allSettled(clients.map((client) => client.status()))
  const accounts = answers.flatMap((answer) => {
    if (answer.status === 'fulfilled') return answer.value.services
    if (isTidingsError(answer.reason)) return []
    throw answer.reason
  })
  return new Map(accounts.map((account) => [account.service, account]))
}

function unsettledIn(services: readonly Service[], accounts: ReadonlyMap<string, ServiceAccount>): readonly string[] {
  const unsettled: string[] = []
  for (const { name } of services) {
    const account = accounts.get(name)
    if (account === undefined) {
      unsettled.push(`${name} is not up`)
      continue
    }
    const { schedule, subscriptions, factsHead } = account
    if (!schedule.atRest || schedule.nextDueAt !== undefined) unsettled.push(`${name} has pending timers or effects`)
    for (const {
      subscriber,
      source,
      state,
      position,
      head,
      retrying,
      waiting,
      blocked,
      running,
      error,
    } of subscriptions) {
      const who = `${subscriber} of ${name} on ${source}`
      const end = source === facts ? factsHead : (accounts.get(source)?.eventLogHead ?? head)
      if (state !== 'running') unsettled.push(`${who} is ${state}: ${error?.message}`)
      else if (position < end) unsettled.push(`${who} is at ${position || 'the beginning'} of ${end}`)
      if (retrying + waiting > 0) unsettled.push(`${who} has ${retrying + waiting + blocked} deferred events`)
      // One whose answer was lost on its way goes on for its whole time, beside the batches.
      if (running > 0) unsettled.push(`${who} still handles ${running} events`)
    }
  }
  return unsettled
}

function deferredIn(accounts: ReadonlyMap<string, ServiceAccount>): readonly string[] {
  return [...accounts.values()].flatMap(({ service, subscriptions }) =>
    subscriptions
      .filter(({ parked, blocked }) => parked + blocked > 0)
      .map(
        ({ subscriber, source, parked, blocked }) =>
          `${subscriber} of ${service} on ${source} has ${parked} parked events and ${blocked} behind them`,
      ),
  )
}

function endsOf(accounts: ReadonlyMap<string, ServiceAccount>): string {
  return JSON.stringify(
    [...accounts.values()].map(({ service, eventLogHead, factsHead }) => [service, eventLogHead, factsHead]).sort(),
  )
}
