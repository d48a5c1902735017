// A minimal driver, without any optional part.

import { defineConfig } from '@tidings/node'
import { defineService } from 'tidings'
import { memoryDriver } from 'tidings/memory'

export default defineConfig({
  name: 'minimal',
  services: [defineService('alone').with({})],
  engine: () => ({ name: 'minimal', open: memoryDriver().open }),
})
