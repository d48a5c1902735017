// What is told of each impulse: offered, called off, due, ended, and brought or dropped by courier. Each reason has one story.
// Invariant: follows from what `impulses` and `courier` have published, in their order, and from nothing else.
import type { InvariantTools } from '@tidings/testing'
import { ImpulseDelivered, ImpulseDropped } from '../services/courier/contract.ts'
import { ImpulseCalledOff, ImpulseDue, ImpulseEnded, ImpulseOffered } from '../services/impulses/contract.ts'

/** How one impulse went. */
export interface Story {
  /** The impulse and when its reason arose. */
  readonly id: string
  readonly kind: string
  /** The message, room or member that it is about. */
  readonly about: string
  readonly reasonAt: string
  /** Whom it was for, in the end. */
  readonly to: string
  readonly offered: boolean
  readonly calledOff: boolean
  readonly due: boolean
  /** `undefined` where it has not ended. */
  readonly outcome: string | undefined
}

type Told = { -readonly [Name in keyof Story]: Story[Name] }

/** All stories, in the order in which they began; throws where one is told that cannot be. */
export async function tellStories({ events }: Pick<InvariantTools, 'events'>): Promise<readonly Story[]> {
  const all: Told[] = []
  const latest = new Map<string, Told>()
  for (const { type, data } of await events(ImpulseOffered, ImpulseCalledOff, ImpulseDue, ImpulseEnded)) {
    if (data === undefined) continue
    const { impulseId, kind, reasonAt, to } = data
    const id = `${impulseId} of ${reasonAt}`
    let story = latest.get(id)
    // That its reason has gone away may be said after it was brought.
    if (story?.outcome !== undefined && type !== ImpulseCalledOff.name)
      throw new Error(`${id} has ended, and then ${type} was said of it`)
    if (story === undefined) {
      const [, about = ''] = impulseId.split('.')
      story = { id, kind, about, reasonAt, to, offered: false, calledOff: false, due: false, outcome: undefined }
      latest.set(id, story)
      all.push(story)
    }
    const wrong = tell(story, type, 'outcome' in data ? data.outcome : undefined)
    if (wrong !== undefined) throw new Error(`${id} ${wrong}`)
    story.to = to
  }
  return all
}

function tell(story: Told, type: string, outcome: string | undefined): string | undefined {
  if (type === ImpulseOffered.name) {
    if (story.offered) return 'was offered twice'
    story.offered = true
  } else if (type === ImpulseCalledOff.name) {
    if (!story.offered) return 'was called off before it was offered'
    if (story.calledOff) return 'was called off twice'
    story.calledOff = true
  } else if (type === ImpulseDue.name) {
    if (!story.offered) return 'was due before it was offered'
    if (story.due) return 'was due twice'
    story.due = true
  } else {
    story.outcome = outcome
    return wrongEnd(story)
  }
  return undefined
}

function wrongEnd({ offered, calledOff, due, outcome }: Story): string | undefined {
  if (outcome === 'withdrawn') {
    if (due) return 'was withdrawn when it was on its way already'
    return offered && !calledOff ? 'was withdrawn, and its reason had not gone away' : undefined
  }
  if (!offered) return `ended as ${outcome} before its moment had come`
  if (outcome === 'delivered' && !due) return 'was delivered, and had never been due'
  return outcome === 'over-limit' && due ? 'was one too many, and went out' : undefined
}

/** What courier says of each impulse: how often it was brought, and how often dropped. */
export async function tellDeliveries({ events }: Pick<InvariantTools, 'events'>) {
  const counts = new Map<string, { impulseId: string; brought: number; dropped: number }>()
  for (const { type, data } of await events(ImpulseDelivered, ImpulseDropped)) {
    if (data === undefined) continue
    const id = `${data.impulseId} of ${data.reasonAt}`
    const count = counts.get(id) ?? { impulseId: data.impulseId, brought: 0, dropped: 0 }
    counts.set(id, count)
    if (type === ImpulseDelivered.name) count.brought++
    else count.dropped++
  }
  return counts
}
