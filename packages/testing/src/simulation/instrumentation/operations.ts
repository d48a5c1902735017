// What a function does besides writing rows, counted while it runs: what it publishes and requests, and which timers it sets.

/** Something done with a timer; `order` counts up over a run, so that deeds of one unit of work keep their sequence. */
export interface TimerDeed {
  readonly order: number
  readonly timer: string
  readonly key: string
  /** `repeated`: set to come back again and again. */
  readonly deed: 'set' | 'repeated' | 'cancelled' | 'fired'
}

/** What was done. */
export interface Deeds {
  /** The conversation it belongs to. */
  readonly conversation: string
  /** How many events were published. */
  readonly published: number
  /** The idempotency keys of the effects that were requested. */
  readonly requested: readonly string[]
  readonly timers: readonly TimerDeed[]
}

/** Deeds while they are counted. */
export interface CountedDeeds extends Deeds {
  published: number
  readonly requested: string[]
  readonly timers: TimerDeed[]
}

/** Nothing yet, or what has been done already. */
export function noDeeds(conversation: string, timers: readonly TimerDeed[] = []): CountedDeeds {
  return { conversation, published: 0, requested: [], timers: [...timers] }
}

type Call = (...parameters: unknown[]) => unknown

/** The timers of a context, by name: what can be said of each. */
export type Timers = Readonly<Record<string, Readonly<Record<string, Call>>>>

const deedOf: Readonly<Record<string, TimerDeed['deed']>> = {
  after: 'set',
  at: 'set',
  every: 'repeated',
  cancel: 'cancelled',
}

/** A function's context that counts what the function does with it. */
export function countingContext<C extends object>(context: C, deeds: CountedDeeds, counts: { deeds: number }): C {
  // A service's timers are told their key.
  const noteTimer = (timer: string, word: string, [key]: readonly unknown[]) => {
    const deed = deedOf[word]
    if (deed !== undefined) deeds.timers.push({ order: counts.deeds++, timer, key: key as string, deed })
  }
  return new Proxy(context, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name)
      if (name === 'timers') return watchedTimers(member as Timers, noteTimer)
      if ((name !== 'publish' && name !== 'retract' && name !== 'request') || typeof member !== 'function')
        return member
      return (...parameters: unknown[]) => {
        const answer: unknown = member.apply(target, parameters)
        if (name === 'request') deeds.requested.push(answer as string)
        else deeds.published++
        return answer
      }
    },
  })
}

/** Timers of a context that tell what is called on which, once it was: `after`, `at`, `every`, `cancel`, `get`. */
export function watchedTimers(
  timers: Timers,
  told: (timer: string, word: string, parameters: readonly unknown[]) => void,
): Timers {
  return new Proxy(timers, {
    get: (target, timer) => {
      const words = Reflect.get(target, timer) as Readonly<Record<string, Call>> | undefined
      if (words === undefined || typeof timer !== 'string') return words
      const watched =
        (word: string, call: Call) =>
        (...parameters: unknown[]) => {
          const answer = call(...parameters)
          told(timer, word, parameters)
          return answer
        }
      return Object.fromEntries(Object.entries(words).map(([word, call]) => [word, watched(word, call)]))
    },
  })
}
