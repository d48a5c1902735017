// The shop's configuration, which child processes load.

import { sqliteDriver } from '@tidings/sqlite'
import { defineConfig } from '../src/config/config.ts'
import { orders, shipping } from './shop-system.ts'

export default defineConfig({
  name: 'shop',
  services: [orders, shipping],
  engine: ({ directory }) => sqliteDriver({ directory, durability: 'process-crash' }),
  http: {
    port: 0,
    authorize: ({ headers }) => (headers.get('x-who') === 'nobody' ? undefined : { principal: headers.get('x-who') }),
  },
})
