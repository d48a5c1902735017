// Attributes of an event may hold control characters and half characters.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'Attributes of an event may hold control characters and half characters.',
  traps: ['payloads', 'names'],
  promises: ['P11'],
  file: 'packages/tidings/src/contracts/cloudevents.ts',
  find: ' || !isPlainText(value)',
  replace: '',
  test: {
    file: 'packages/testing/test/hostile/envelopes.test.ts',
    title:
      'P11: an event whose attributes are anything at all is read as a sound one, or refused with its code [trap: payloads, names]',
  },
}
