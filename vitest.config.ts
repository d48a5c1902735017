// Runs every test of the repository. Type tests (`*.test-d.ts`) do not run here: `npm run types` compiles them with everything else, and
// wrong use is marked `@ts-expect-error`.
import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: [
      '{packages,drivers,adapters}/*/{src,test}/**/*.test.ts',
      'examples/**/*.test.ts',
      'scripts/**/*.test.ts',
      'bench/**/*.test.ts',
    ],
    // The test of a guide copies the guide's files to their place in the example and runs them there.
    exclude: [
      '**/node_modules/**',
      '**/dist/**',
      '**/.tidings/**',
      '**/templates/**',
      '**/fixtures/**',
      'examples/*/guides/**',
    ],
    globalSetup: ['drivers/postgres/test/share-postgres.ts'],
    // Processes, not threads: tests open SQLite files and start servers, and a crash must affect one test file only.
    pool: 'forks',
    maxWorkers: Math.min(2, availableParallelism()),
    testTimeout: 20_000,
    hookTimeout: 20_000,
    restoreMocks: true,
  },
})
