// What a handler has written before it failed is kept.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'What a handler has written before it failed is kept.',
  traps: [],
  promises: ['P1'],
  file: 'packages/tidings/src/runtime/run-deliveries.ts',
  find: '    } catch (caught) {\n      unit.close()',
  replace: '    } catch (caught) {\n      batch.merge(unit)\n      unit.close()',
  test: {
    file: 'packages/testing/test/promises/p1-atomic.test.ts',
    title: 'P1 (memory, outbox read): a handler that throws leaves no row, no fact, no event, no read model',
  },
}
