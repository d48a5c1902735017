// What Tidings promises, by number. Titles of tests begin with the numbers of the promises they check; mutations name what they break.

/** A promise. */
export interface PromiseMade {
  readonly name: string
  readonly says: string
}

/** Every promise, in order. */
export const promises: Readonly<Record<string, PromiseMade>> = {
  P1: {
    name: 'Atomic',
    says: 'Everything that one handled event or one command causes is committed together, or not at all.',
  },
  P2: { name: 'Nothing lost', says: 'Every subscriber handles every published event, whatever crashes.' },
  P3: {
    name: 'Once in effect',
    says: 'A redelivery, retry, crash or redrive never repeats an effect on the store; nor does a command that is sent again under its idempotency key, while its answer is kept (`idempotencyKeepDays`, by default for ever).',
  },
  P4: {
    name: 'In order per key',
    says: 'A subscriber handles the events of one key from one source in the order of publication, and a process manager those of one instance.',
  },
  P5: {
    name: 'A poisoned event blocks only its own key',
    says: 'The event is retried, then parked; events of other keys are handled.',
  },
  P6: { name: 'Autonomous', says: 'A service answers while every other service and the broker are down.' },
  P7: { name: 'Rebuildable', says: 'Read models are rebuilt beside the live ones, without any output.' },
  P8: { name: 'Evolvable', says: 'Old events stay readable; newer ones wait, and are never mangled.' },
  P9: { name: 'Explained', says: 'Every event names its cause, and every delivery leaves a record.' },
  P10: { name: 'Deterministic under test', says: 'One seed replays a run exactly.' },
  P11: {
    name: 'Bounded',
    says: 'Everything has a limit with a name; bad input is refused with a code and blocks nobody.',
  },
  P12: {
    name: 'Guarded',
    says: 'Callers do only what they are allowed to; a service publishes only what it owns and writes only its own store.',
  },
}
