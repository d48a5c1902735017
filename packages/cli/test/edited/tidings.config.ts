// One service with one table; with EDITED=1, version 1 of its rows is edited, and with UNTYPED=1 its schema derives no JSON Schema.

import { defineConfig } from '@tidings/node'
import { sqliteDriver } from '@tidings/sqlite'
import { defineCommand, defineService, defineTable, type Schema } from 'tidings'
import { z } from 'zod'

const row = z.object({ id: z.string(), total: z.number() })
const edited = row.extend({ currency: z.string() })
const untyped: Schema<z.input<typeof row>> = {
  '~standard': { version: 1, vendor: 'by hand', validate: (value) => ({ value: value as z.input<typeof row> }) },
}
const schema = process.env.UNTYPED === '1' ? untyped : ((process.env.EDITED === '1' ? edited : row) as typeof row)
const sales = defineTable('sales')
  .version(1, schema)
  .key(({ id }) => id)
const Sell = defineCommand('sell', { expose: true, input: row })
const shop = defineService('shop', { tables: { sales } })

export default defineConfig({
  name: 'edited',
  services: [shop.with({ sell: shop.command(Sell, {}, (data, { tables }) => tables.sales.put(data)) })],
  engine: sqliteDriver,
})
