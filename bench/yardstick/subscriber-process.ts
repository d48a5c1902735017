// The hand-written subscriber as a process of its own, woken over the publisher's socket.

import { serveLatencies } from '../harness/other-process.ts'
import { openSubscriber } from './subscriber.ts'
import { listenToBell } from './wake-up.ts'

await serveLatencies(async (place, handled) => {
  const subscriber = openSubscriber(place, 256, handled)
  const hush = await listenToBell(place.folder, subscriber.wake)
  return () => {
    hush()
    subscriber.close()
  }
})
