// The subscribing service of Tidings in its own process; the driver wakes it up.

import { serveLatencies } from '../harness/other-process.ts'
import { openPipeline } from './pipeline.ts'

await serveLatencies(async (place, handled) => {
  const { close } = await openPipeline(place, { services: ['shipping'], handled })
  return close
})
