// The hand-written subscriber in its own process; the publisher wakes it up over a socket.

import { serveLatencies } from '../harness/other-process.ts'
import { openSubscriber } from './subscriber.ts'
import { listenForWakeUps } from './wake-up.ts'

await serveLatencies(async (place, handled) => {
  const subscriber = openSubscriber(place, 256, handled)
  const stopListening = await listenForWakeUps(place.folder, subscriber.wake)
  return () => {
    stopListening()
    subscriber.close()
  }
})
