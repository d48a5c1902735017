// An event that has used up its attempts is not kept.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'An event that has used up its attempts is not kept.',
  traps: ['poison'],
  promises: ['P5'],
  file: 'packages/tidings/src/runtime/held-events.ts',
  find: 'unit.putDocument(systemTables.held, `${this.#prefix}${held.position}`, held)',
  replace:
    "if (held.state === 'parked') this.stageRemoval(unit, held)\n    else unit.putDocument(systemTables.held, `${this.#prefix}${held.position}`, held)",
  test: {
    file: 'packages/testing/test/promises/p5-poison.test.ts',
    title:
      'P5 (memory, outbox read): a redrive says what it will do, keeps the order, and parks again what fails again [trap: poison]',
  },
}
