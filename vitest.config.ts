// One configuration for every test of the repository.
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{packages,drivers,adapters,examples}/*/{src,test}/**/*.test.ts', 'scripts/**/*.test.ts', 'bench/*.test.ts'],
  },
})
