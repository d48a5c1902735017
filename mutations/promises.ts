// What Tidings promises, by number. Tests of a promise bear its number in front of their titles, mutations name what they break.

/** A promise. */
export interface PromiseMade {
  readonly name: string
  readonly says: string
}

/** Every promise, in order. */
export const promises: Readonly<Record<string, PromiseMade>> = {
  P1: {
    name: 'Atomic',
    says: 'All that one handled event or one command causes commits together, or none of it does.',
  },
  P2: { name: 'Nothing lost', says: 'What was published is handled by every subscriber, whoever crashes when.' },
  P3: { name: 'Once in effect', says: 'Redelivery, retry, crash and redrive leave one effect on the store.' },
  P4: { name: 'In order per key', says: 'A subscriber sees the events of one key from one source in their order.' },
  P5: { name: 'A poisoned event holds only its own key', says: 'It is retried, then parked; all others flow.' },
  P6: { name: 'Autonomous', says: 'A service answers with every other service and the broker down.' },
  P7: { name: 'Rebuildable', says: 'Read models are filled anew beside the live ones, without any output.' },
  P8: { name: 'Evolvable', says: 'Old events stay readable; newer ones wait, and are never mangled.' },
  P9: { name: 'Explained', says: 'Every event names its cause, and every delivery leaves a record.' },
  P10: { name: 'Deterministic under test', says: 'One seed replays a run exactly.' },
  P11: { name: 'Bounded', says: 'Everything has a limit with a name; bad input gets its code and wedges nobody.' },
  P12: { name: 'Guarded', says: 'Only who may does; a service publishes what it owns and writes its own store.' },
}
