// Reads the evidence after a run: the whole history of every service, and the read models of the observer and of insights.
import { type Heard, heardBy, type RigEvidence, type Verdict } from '@tidings/testing/rig'
import type { LoggedEvent, Service } from 'tidings'
import { controlOf, type Running, ServiceClients } from '../run/service-clients.ts'
import { tryUntilAnswered } from '../run/try-until-answered.ts'
import { ShopTotals, type Totals } from '../services/insights/contract.ts'
import { observerName } from './services.ts'

const pageCount = 5_000

/** The histories, by service. */
export async function readHistories(services: readonly Service[], running: Running): Promise<RigEvidence['histories']> {
  const histories = new Map<string, LoggedEvent[]>()
  for (const { name } of services) {
    const events: LoggedEvent[] = []
    for (let after = '', isEnd = false; !isEnd; ) {
      const from = after
      const page = await tryUntilAnswered(async () =>
        (await controlOf(running, name)).eventsAfter(name, from, { limit: pageCount }),
      )
      events.push(...page.events)
      after = page.next
      isEnd = page.next >= page.head
    }
    histories.set(name, events)
  }
  return histories
}

/** What the observer handled, and insights' sums. */
export async function readModels(
  services: readonly Service[],
  running: Running,
): Promise<{ readonly heard: RigEvidence['heard']; readonly totals: Totals }> {
  const clients = new ServiceClients(services, running)
  try {
    const totals = (await tryUntilAnswered(() =>
      clients.at('insights', (client) => client.query(ShopTotals as never, {} as never)),
    )) as unknown as Totals
    const heard = new Map<string, readonly string[]>()
    const query = heardBy(observerName)
    for (let after: string | undefined; ; ) {
      const input = { limit: pageCount, ...(after === undefined ? {} : { after }) }
      const page = (await tryUntilAnswered(() =>
        clients.at(observerName, (client) => client.query(query as never, input as never)),
      )) as unknown as readonly Heard[]
      for (const { place, ids } of page) heard.set(place, ids)
      after = page.at(-1)?.place
      if (page.length < pageCount) return { heard, totals }
    }
  } finally {
    clients.close()
  }
}

/** Compares the totals of insights with sums over the histories: less is lost, more is doubled. */
export function judgeTotals(totals: Totals, histories: RigEvidence['histories'], verdict: Verdict): void {
  const expected = sumsOf(histories)
  const actual: Readonly<Record<string, number>> = {
    orders: Object.values(totals.orders).reduce((sum, count) => sum + count, 0),
    payments: totals.payments.count,
    'cents of payments': Number(totals.payments.cents),
    'cents of freight': Number(totals.freightCents),
    'dispatched parcels': totals.parcels.dispatched,
    'delivered parcels': totals.parcels.delivered,
    reviews: Object.values(totals.reviews).reduce((sum, count) => sum + count, 0),
    cases: totals.support.cases,
    ...Object.fromEntries(Object.entries(totals.orders).map(([status, count]) => [`orders that are ${status}`, count])),
  }
  for (const name of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
    const [wanted = 0, found = 0] = [expected[name], actual[name]]
    if (found !== wanted)
      verdict[found < wanted ? 'lost' : 'doubled'].push(
        `insights counts ${found} ${name}, the histories have ${wanted}`,
      )
  }
}

function sumsOf(histories: RigEvidence['histories']): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {}
  const add = (name: string, value = 1) => {
    sums[name] = (sums[name] ?? 0) + value
  }
  const statuses = new Map<string, string>()
  const placed = new Set<string>()
  for (const { type, key, data } of [...histories.values()].flat()) {
    const fields = JSON.parse(data ?? '{}') as Readonly<Record<string, never>>
    if (fields.status !== undefined) statuses.set(key, fields.status)
    if (type === 'shop.order-placed') {
      add('orders')
      placed.add(key)
      for (const { freightCents } of fields.items as unknown as readonly { readonly freightCents: number }[])
        add('cents of freight', freightCents)
    }
    if (type === 'shop.payment-recorded') {
      add('payments')
      add('cents of payments', fields.cents)
    }
    if (type === 'shop.parcel-dispatched') add('dispatched parcels')
    if (type === 'shop.parcel-delivered') add('delivered parcels')
    if (type === 'shop.review-submitted') add('reviews')
    if (type === 'shop.support-case-opened') add('cases')
  }
  for (const [orderId, status] of statuses) if (placed.has(orderId)) add(`orders that are ${status}`)
  return sums
}
