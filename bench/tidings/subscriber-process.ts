// The subscribing service of Tidings as a process of its own; the driver wakes it.

import { serveLatencies } from '../harness/other-process.ts'
import { openPipeline } from './pipeline.ts'

await serveLatencies(async (place, handled) => {
  const { close } = await openPipeline(place, { services: ['shipping'], handled })
  return close
})
