// What an upcaster makes is not looked at.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'What an upcaster makes is not looked at.',
  traps: ['upcaster'],
  promises: ['P8'],
  file: 'packages/tidings/src/contracts/versions.ts',
  find: 'return validateLatest(chain, data)\n  } catch',
  replace: 'return data\n  } catch',
  test: {
    file: 'packages/tidings/src/contracts/versions.test.ts',
    title:
      'readVersion > an upcaster that throws, or whose result is not valid, is UPCAST_FAILED with the step and the cause [trap: upcaster]',
  },
}
