// The hand-written subscriber as a process of its own, woken over the publisher's socket.

import { serveLatencies } from '../harness/other-process.ts'
import { listenToBell } from './bell.ts'
import { openSubscriber } from './subscriber.ts'

await serveLatencies(async (place, handled) => {
  const subscriber = openSubscriber(place, 256, handled)
  const hush = await listenToBell(place.folder, subscriber.wake)
  return () => {
    hush()
    subscriber.close()
  }
})
