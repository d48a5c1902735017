// Whether the system has come to rest, as its control endpoints tell from outside: everybody is at the end of everybody's history, nothing
// is due, nothing is held. What is not at rest in time is stuck, and said by name.
import { setTimeout as pause } from 'node:timers/promises'
import type { ServiceAccount } from '@tidings/http/wire'
import { isTidingsError, type Service } from 'tidings'
import type { Running } from '../run/service-clients.ts'

const lookMs = 250
const facts = '~facts'

/** Waits until the system rests; gives what is stuck when the time is over, and nothing otherwise. */
export async function settle(
  services: readonly Service[],
  running: Running,
  withinMs: number,
): Promise<readonly string[]> {
  const deadline = performance.now() + withinMs
  let before: string | undefined
  for (;;) {
    const accounts = await accountsOf(running)
    const unrest = unrestOf(services, accounts)
    // Two looks: what moves between two processes moves an end meanwhile.
    const ends = unrest.length === 0 ? endsOf(accounts) : undefined
    if (ends !== undefined && ends === before) return deferredIn(accounts)
    if (performance.now() >= deadline) return unrest.length === 0 ? ['the histories still grow'] : unrest
    before = ends
    await pause(lookMs)
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

function unrestOf(services: readonly Service[], accounts: ReadonlyMap<string, ServiceAccount>): readonly string[] {
  const unrest: string[] = []
  for (const { name } of services) {
    const account = accounts.get(name)
    if (account === undefined) {
      unrest.push(`${name} is not up`)
      continue
    }
    const { schedule, subscriptions, factsHead } = account
    if (!schedule.atRest || schedule.nextDueAt !== undefined)
      unrest.push(`${name} has timers or effects that are to come`)
    for (const { subscriber, source, state, position, head, retrying, waiting, blocked, error } of subscriptions) {
      const who = `${subscriber} of ${name} on ${source}`
      const end = source === facts ? factsHead : (accounts.get(source)?.eventLogHead ?? head)
      if (state !== 'running') unrest.push(`${who} is ${state}: ${error?.message}`)
      else if (position < end) unrest.push(`${who} is at ${position || 'the beginning'} of ${end}`)
      if (retrying + waiting > 0) unrest.push(`${who} holds ${retrying + waiting + blocked} events`)
    }
  }
  return unrest
}

function deferredIn(accounts: ReadonlyMap<string, ServiceAccount>): readonly string[] {
  return [...accounts.values()].flatMap(({ service, subscriptions }) =>
    subscriptions
      .filter(({ parked, blocked }) => parked + blocked > 0)
      .map(
        ({ subscriber, source, parked, blocked }) =>
          `${subscriber} of ${service} on ${source} has parked ${parked} events, ${blocked} behind them`,
      ),
  )
}

function endsOf(accounts: ReadonlyMap<string, ServiceAccount>): string {
  return JSON.stringify(
    [...accounts.values()].map(({ service, eventLogHead, factsHead }) => [service, eventLogHead, factsHead]).sort(),
  )
}
