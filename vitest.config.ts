// Every test of the repository, in one run. Type tests (`*.test-d.ts`) are not run here: `npm run types` compiles them
// with everything else, where a wrong use is marked `@ts-expect-error`; that is one compiler run instead of two.
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
    // What stands in a guide's folder is put where it belongs, and run there, by the guide's own test.
    exclude: [
      '**/node_modules/**',
      '**/dist/**',
      '**/.tidings/**',
      '**/templates/**',
      '**/fixtures/**',
      'examples/*/guides/**',
    ],
    // Processes, not threads: tests open SQLite files and start servers, and a crash must stay in its own file.
    pool: 'forks',
    maxWorkers: Math.min(2, availableParallelism()),
    testTimeout: 20_000,
    hookTimeout: 20_000,
    restoreMocks: true,
  },
})
