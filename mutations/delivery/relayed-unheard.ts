// What the relay has sent off counts as arrived.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'What the relay has sent off counts as arrived.',
  traps: ['dual-write'],
  promises: ['P2'],
  file: 'packages/tidings/src/runtime/relay-outbox.ts',
  find: 'const page = await store.readLog({ after, limit: batchCountMax })',
  replace:
    'const page = await store.readLog({ after: after > this.#position ? after : this.#position, limit: batchCountMax })\n    this.#position = page.next',
  test: {
    file: 'packages/testing/test/promises/p2-relays.test.ts',
    title:
      'P2 P3 P4 (memory, relayed): a relay that fails or dies before or after a batch arrives loses and doubles nothing [trap: dual-write]',
  },
}
