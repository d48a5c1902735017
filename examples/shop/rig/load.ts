// The load: generated orders at a steady rate. Most senders retry until they get an answer; some give up after a failure and never learn the
// outcome, some send an answered command again, some send queries in between.
import { setTimeout as pause } from 'node:timers/promises'
import { isTidingsError, type Service } from 'tidings'
import { commandsOf } from 'tidings/operations'
import type { Random } from 'tidings/ports'
import { generateSteps } from '../generate/index.ts'
import { sendSteps } from '../run/send-steps.ts'
import { type Running, ServiceClients } from '../run/service-clients.ts'
import { CustomerById } from '../services/customers/contract.ts'
import { ShopTotals } from '../services/insights/contract.ts'
import { OrderById } from '../services/orders/contract.ts'
import { PaymentsOfOrder } from '../services/payments/contract.ts'
import { ParcelsOfOrder } from '../services/shipping/contract.ts'
import { SupportCasesOfOrder } from '../services/support/contract.ts'
import type { Step } from '../steps/step.ts'
import type { Entry, Ledger } from './ledger.ts'

/** Options of the load. */
export interface LoadOptions {
  readonly services: readonly Service[]
  readonly running: Running
  readonly ledger: Ledger
  readonly random: Random
  readonly seed: number
  readonly stepsPerSecond: number
  /** Stops new orders. */
  readonly ending: AbortSignal
  /** Stops the retries. */
  readonly givenUp: AbortSignal
}

/** How long a sender waits for an answer before it retries, in milliseconds: shorter than a process is stopped. */
const timeoutMs = 2_000
const retryMs = 100
const abandonShare = 0.1
const repeatShare = 0.03
const queryShare = 0.08
const dayMs = 86_400_000

/** Sends commands until `ending`; resolves when every command is answered or given up. */
export async function runLoad(options: LoadOptions): Promise<void> {
  const { services, running, ledger, random, seed, ending, givenUp } = options
  const clients = new ServiceClients(services, running, timeoutMs)
  const commands = new Map(services.flatMap(commandsOf).map((command) => [command.name, command]))
  const abandoned = new Set<string>()
  const once = async (entry: Entry): Promise<void> => {
    const { service, command, input, idempotencyKey, occurredAt } = entry.step
    const contract = commands.get(command)
    if (contract === undefined) throw new Error(`No service has a command ${command}.`)
    const sendOptions = { idempotencyKey, occurredAt: new Date(occurredAt) }
    ledger.answer(entry, await clients.at(service, (client) => client.command(contract, input as never, sendOptions)))
  }
  const retry = async (entry: Entry): Promise<void> => {
    const givesUp = random.next() < abandonShare
    while (!givenUp.aborted) {
      try {
        return await once(entry)
      } catch (error) {
        if (!isTransient(error)) throw error
        if (givesUp) break
      }
      await pause(retryMs)
    }
    abandoned.add(entry.step.sequence)
  }
  const send = async (step: Step): Promise<void> => {
    if (abandoned.has(step.sequence)) return
    const entry = ledger.sent(step)
    await retry(entry)
    if (entry.state !== 'unanswered' && random.next() < repeatShare) await once(entry).catch(ignoreTransient)
    if (random.next() < queryShare) await sendQuery(clients, step, random).catch(ignoreTransient)
  }
  try {
    const steps = generateSteps({ seed, from: Math.floor(Date.UTC(2025, 0, 1) / dayMs) * dayMs, ordersPerDay: 5 })
    await sendSteps(atPace(steps, options.stepsPerSecond, ending), { send, stepsMax: 400, signal: ending })
  } finally {
    clients.close()
  }
}

async function* atPace(steps: Iterable<Step>, perSecond: number, ending: AbortSignal): AsyncGenerator<Step> {
  let sent = 0
  const startedAt = performance.now()
  for (const step of steps) {
    const dueMs = (sent++ / perSecond) * 1_000 - (performance.now() - startedAt)
    if (dueMs > 1) await pause(dueMs, undefined, { signal: ending }).catch(() => {})
    if (ending.aborted) return
    yield step
  }
}

const queries = [
  ({ sequence }: Step) => ({ query: OrderById, input: { orderId: sequence } }),
  ({ sequence }: Step) => ({ query: PaymentsOfOrder, input: { orderId: sequence } }),
  ({ sequence }: Step) => ({ query: ParcelsOfOrder, input: { orderId: sequence } }),
  ({ sequence }: Step) => ({ query: SupportCasesOfOrder, input: { orderId: sequence } }),
  ({ sequence }: Step) => ({ query: CustomerById, input: { customerId: sequence } }),
  () => ({ query: ShopTotals, input: {} }),
] as const

async function sendQuery(clients: ServiceClients, step: Step, random: Random): Promise<void> {
  const { query, input } = queries[Math.floor(random.next() * queries.length)]?.(step) ?? queries[0](step)
  await clients.at(query.owner, (client) => client.query(query, input as never))
}

// The service is down, too slow or too busy: an effect of the faults. A correct service returns no other error.
function isTransient(error: unknown): boolean {
  return (
    isTidingsError(error) && (error.retry === 'unavailable' || error.retry === 'backoff' || error.code === 'CONFLICT')
  )
}

function ignoreTransient(error: unknown): void {
  if (!isTransient(error)) throw error
}
