// One service whose engine never closes, as with a disk or a network that does not answer.

import { defineConfig } from '@tidings/node'
import { sqliteDriver } from '@tidings/sqlite'
import { defineService } from 'tidings'

export default defineConfig({
  name: 'hanging',
  services: [defineService('slow').with({})],
  engine: ({ directory, log }) => {
    const driver = sqliteDriver({ directory, durability: 'process-crash', log })
    return {
      ...driver,
      open: async (environment) => ({ ...(await driver.open(environment)), close: () => new Promise(() => {}) }),
    }
  },
  http: { port: 0 },
})
