// An event on the wire may claim to be readable from any version.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'An event on the wire may claim to be readable from any version.',
  traps: ['payloads'],
  promises: ['P11'],
  file: 'packages/tidings/src/contracts/cloudevents.ts',
  find: "if (readableFrom < 1 || readableFrom > version) throw invalid('readablefrom', readableFrom)",
  replace: '',
  test: {
    file: 'packages/testing/test/hostile/envelopes.test.ts',
    title:
      'P11: an event whose attributes are anything at all is read as a sound one, or refused with its code [trap: payloads, names]',
  },
}
