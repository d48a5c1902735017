// The history of each impulse: offered, called off, due, ended, and delivered or dropped by courier. Each reason has one history.
// Invariant: it follows only from the events of `impulses` and `courier`, in their order.
import type { InvariantTools } from '@tidings/testing'
import { ImpulseDelivered, ImpulseDropped } from '../services/courier/contract.ts'
import { ImpulseCalledOff, ImpulseDue, ImpulseEnded, ImpulseOffered } from '../services/impulses/contract.ts'

/** What happened to one impulse. */
export interface ImpulseHistory {
  /** The impulse and when its reason arose. */
  readonly id: string
  readonly kind: string
  /** The message, room or member that it is about. */
  readonly about: string
  readonly reasonAt: string
  /** The member that it was for at last. */
  readonly to: string
  readonly offered: boolean
  readonly calledOff: boolean
  readonly due: boolean
  /** `undefined` if it has not ended. */
  readonly outcome: string | undefined
}

type MutableHistory = { -readonly [Name in keyof ImpulseHistory]: ImpulseHistory[Name] }

/** All histories, in the order in which they began; throws if the events of one contradict each other. */
export async function readImpulseHistories({
  events,
}: Pick<InvariantTools, 'events'>): Promise<readonly ImpulseHistory[]> {
  const all: MutableHistory[] = []
  const latest = new Map<string, MutableHistory>()
  for (const { type, data } of await events(ImpulseOffered, ImpulseCalledOff, ImpulseDue, ImpulseEnded)) {
    if (data === undefined) continue
    const { impulseId, kind, reasonAt, to } = data
    const id = `${impulseId} of ${reasonAt}`
    let history = latest.get(id)
    // An impulse may be called off after it was delivered.
    if (history?.outcome !== undefined && type !== ImpulseCalledOff.name)
      throw new Error(`${id} has ended, but ${type} was published after that`)
    if (history === undefined) {
      const [, about = ''] = impulseId.split('.')
      history = { id, kind, about, reasonAt, to, offered: false, calledOff: false, due: false, outcome: undefined }
      latest.set(id, history)
      all.push(history)
    }
    const wrong = applyEvent(history, type, 'outcome' in data ? data.outcome : undefined)
    if (wrong !== undefined) throw new Error(`${id} ${wrong}`)
    history.to = to
  }
  return all
}

function applyEvent(history: MutableHistory, type: string, outcome: string | undefined): string | undefined {
  if (type === ImpulseOffered.name) {
    if (history.offered) return 'was offered twice'
    history.offered = true
  } else if (type === ImpulseCalledOff.name) {
    if (!history.offered) return 'was called off before it was offered'
    if (history.calledOff) return 'was called off twice'
    history.calledOff = true
  } else if (type === ImpulseDue.name) {
    if (!history.offered) return 'was due before it was offered'
    if (history.due) return 'was due twice'
    history.due = true
  } else {
    history.outcome = outcome
    return wrongEnd(history)
  }
  return undefined
}

function wrongEnd({ offered, calledOff, due, outcome }: ImpulseHistory): string | undefined {
  if (outcome === 'withdrawn') {
    if (due) return 'was withdrawn although it was due already'
    return offered && !calledOff ? 'was withdrawn although it was not called off' : undefined
  }
  if (!offered) return `ended as ${outcome} before it was offered`
  if (outcome === 'delivered' && !due) return 'was delivered without being due'
  return outcome === 'over-limit' && due ? 'was over the limit, but was sent' : undefined
}

/** How often courier delivered each impulse, and how often it dropped it. */
export async function countDeliveries({ events }: Pick<InvariantTools, 'events'>) {
  const counts = new Map<string, { impulseId: string; delivered: number; dropped: number }>()
  for (const { type, data } of await events(ImpulseDelivered, ImpulseDropped)) {
    if (data === undefined) continue
    const id = `${data.impulseId} of ${data.reasonAt}`
    const count = counts.get(id) ?? { impulseId: data.impulseId, delivered: 0, dropped: 0 }
    counts.set(id, count)
    if (type === ImpulseDelivered.name) count.delivered++
    else count.dropped++
  }
  return counts
}
