// The ledger: every command that was sent and every answer, kept outside the system, in memory and in a file of the rig. The expected
// outcomes are derived from the commands alone, without any code of the services.
import { closeSync, openSync, writeSync } from 'node:fs'
import { type ExpectedOutcome, eventName } from '@tidings/testing/rig'
import type { CommandInput } from 'tidings'
import type { PlaceOrder } from '../services/orders/contract.ts'
import type { SubmitReview } from '../services/reviews/contract.ts'
import type { Step } from '../steps/step.ts'

/** The answer to a command. */
export type AnswerState = 'unanswered' | 'accepted' | 'rejected'

/** A command in the ledger. */
export interface Entry {
  readonly step: Step
  state: AnswerState
  /** The id under which it was accepted. */
  commandId: string | undefined
}

/** Records commands and answers. */
export class Ledger {
  readonly entries = new Map<string, Entry>()
  /** Answers that contradict earlier ones. */
  readonly contradictions: string[] = []
  readonly #file: number
  answered = 0
  repeated = 0

  constructor(file: string) {
    this.#file = openSync(file, 'a', 0o600)
  }

  /** A command is about to be sent for the first time. */
  sent(step: Step): Entry {
    const entry: Entry = { step, state: 'unanswered', commandId: undefined }
    this.entries.set(step.idempotencyKey, entry)
    this.#write({ sent: step.idempotencyKey, service: step.service, command: step.command })
    return entry
  }

  /** Records an answer; there may be several for one command. */
  answer(entry: Entry, answer: { readonly accepted: boolean; readonly commandId: string }): void {
    const { idempotencyKey } = entry.step
    const state = answer.accepted ? 'accepted' : 'rejected'
    if (entry.state === 'unanswered') this.answered++
    else {
      this.repeated++
      if (entry.state !== state || entry.commandId !== answer.commandId)
        this.contradictions.push(
          `${idempotencyKey} was ${entry.state} as ${entry.commandId}, then ${state} as ${answer.commandId}`,
        )
    }
    entry.state = state
    entry.commandId = answer.commandId
    this.#write({ answered: idempotencyKey, state, commandId: answer.commandId })
  }

  close(): void {
    closeSync(this.#file)
  }

  #write(line: object): void {
    writeSync(this.#file, `${JSON.stringify(line)}\n`)
  }
}

/** The expected outcomes of all commands that were sent. */
export function expectationsOf(entries: Iterable<Entry>): readonly ExpectedOutcome[] {
  const byOrder = new Map<string, Entry[]>()
  const expectations: ExpectedOutcome[] = []
  for (const entry of entries) {
    if (entry.state === 'rejected') continue
    expectations.push(...ofCommand(entry))
    const { sequence } = entry.step
    byOrder.set(sequence, [...(byOrder.get(sequence) ?? []), entry])
  }
  for (const ofOrder of byOrder.values()) expectations.push(...ofParcels(ofOrder))
  return expectations
}

function ofCommand({ step, state }: Entry): readonly ExpectedOutcome[] {
  const { command, input, idempotencyKey } = step
  const one = (...anyOf: readonly string[]): ExpectedOutcome => ({
    anyOf,
    isCertain: state === 'accepted',
    because: idempotencyKey,
  })
  const { orderId } = input as { readonly orderId: string }
  switch (command) {
    case 'register-customer':
      return [one(eventName('shop.customer-changed', (input as { readonly customerId: string }).customerId))]
    case 'place-order':
      return [
        one(eventName('shop.order-placed', orderId)),
        one(eventName('shop.reminder-sent', orderId), eventName('shop.reminder-called-off', orderId)),
      ]
    case 'record-payment': {
      const { sequence } = input as { readonly sequence: number }
      return [one(eventName('shop.payment-recorded', `${orderId}/${sequence}`))]
    }
    case 'approve-payment':
      return [one(eventName('shop.payment-approved', orderId)), one(eventName('shop.order-approved', orderId))]
    case 'hand-over-shipment':
      return [one(eventName('shop.shipment-handed-over', orderId)), one(eventName('shop.order-handed-over', orderId))]
    case 'deliver-shipment':
      return [one(eventName('shop.shipment-delivered', orderId)), one(eventName('shop.order-delivered', orderId))]
    case 'set-order-status':
      return [one(eventName('shop.order-status-set', orderId))]
    case 'submit-review': {
      const { reviewId, score } = input as CommandInput<typeof SubmitReview>
      const key = `${reviewId}/${orderId}`
      const submitted = one(eventName('shop.review-submitted', key))
      return score > 2 ? [submitted] : [submitted, one(eventName('shop.support-case-opened', key))]
    }
    default:
      throw new Error(`The ledger does not know the command ${command}.`)
  }
}

// A parcel is dispatched when both its order and the hand-over are known, whichever came first.
function ofParcels(ofOrder: readonly Entry[]): readonly ExpectedOutcome[] {
  const find = (command: string) => ofOrder.find(({ step }) => step.command === command)
  const placed = find('place-order')
  if (placed === undefined) return []
  const { orderId, items } = placed.step.input as CommandInput<typeof PlaceOrder>
  const sellers = new Set(items.map(({ sellerId }) => sellerId))
  const each = (other: Entry | undefined, type: string): readonly ExpectedOutcome[] => {
    if (other === undefined) return []
    const isCertain = placed.state === 'accepted' && other.state === 'accepted'
    return [...sellers].map((sellerId) => ({
      anyOf: [eventName(type, `${orderId}/${sellerId}`)],
      isCertain,
      because: other.step.idempotencyKey,
    }))
  }
  return [
    ...each(find('hand-over-shipment'), 'shop.parcel-dispatched'),
    ...each(find('deliver-shipment'), 'shop.parcel-delivered'),
  ]
}
