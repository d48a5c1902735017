// Wake-ups: a function call within one process, a byte on a socket between processes. A wake-up is a hint; reading is the truth.

import type { Clock, Timeouts } from 'tidings/ports'
import { listenForWakeUps, WakeUpSocket } from './sqlite-wake-up-socket.ts'

/** What wake-ups need. */
export interface WakeUpOptions {
  /** The real path of the stores' directory. Both sides derive the path of the socket from it. */
  readonly directory: string
  readonly clock: Clock
  readonly timeouts: Timeouts
}

/** The side of the service that publishes. */
export interface Publisher {
  /** Says that the event log has news. */
  wake(): void
  close(): Promise<void>
}

/** Connects the services that publish with the watchers of their event logs. */
export interface WakeUps {
  publish(service: string): Publisher
  watch(source: string, wake: () => void): () => void
}

interface Source {
  readonly watchers: Set<() => void>
  /** Whether this engine writes the store. */
  local: boolean
  stopListening: (() => void) | undefined
}

/** Makes the wake-ups of an engine. */
export function createWakeUps({ directory, clock, timeouts }: WakeUpOptions): WakeUps {
  const sources = new Map<string, Source>()
  const socket = new WakeUpSocket({ clock, timeouts })

  function sourceOf(name: string): Source {
    let source = sources.get(name)
    if (source === undefined) {
      source = { watchers: new Set(), local: false, stopListening: undefined }
      sources.set(name, source)
    }
    return source
  }

  function wakeAll({ watchers }: Source): void {
    for (const wake of watchers) wake()
  }

  /** Listens on the socket only while there are watchers of a store that another engine writes. */
  function updateListening(name: string, source: Source): void {
    const wanted = source.watchers.size > 0 && !source.local
    if (wanted) {
      source.stopListening ??= listenForWakeUps(directory, name, timeouts, () => wakeAll(source))
    } else {
      source.stopListening?.()
      source.stopListening = undefined
    }
  }

  return {
    publish: (service) => {
      const source = sourceOf(service)
      const others = socket.offer(directory, service)
      source.local = true
      updateListening(service, source)
      // Watchers that began before the store was opened have not seen what is in it.
      wakeAll(source)
      return {
        wake: () => {
          wakeAll(source)
          others.wake()
        },
        close: async () => {
          source.local = false
          updateListening(service, source)
          await others.close()
        },
      }
    },
    watch: (name, wake) => {
      const source = sourceOf(name)
      // Each watch gets its own wrapper, because the same function may watch twice.
      const own = () => wake()
      source.watchers.add(own)
      updateListening(name, source)
      return () => {
        source.watchers.delete(own)
        updateListening(name, source)
      }
    },
  }
}
