// Wake-ups: in one process by a call, across processes by a byte on a socket. A wake-up is a hint; reading is the truth.

import type { Clock, Scheduler } from 'tidings/ports'
import { bellPath, listenToBell, openBell } from './sqlite-wake-up-socket.ts'

/** What wakes are made of. */
export interface WakeOptions {
  /** The real path of the stores' directory: both sides derive the socket from it. */
  readonly directory: string
  readonly clock: Clock
  readonly scheduler: Scheduler
}

/** The publishing side of one store. */
export interface Publishing {
  /** Says that the log has news. */
  wake(): void
  close(): Promise<void>
}

/** Connects who publishes with who watches. */
export interface WakeHub {
  publish(service: string): Publishing
  watch(source: string, wake: () => void): () => void
}

interface Source {
  readonly wakes: Set<() => void>
  /** Whether this engine writes the store. */
  local: boolean
  stopListening: (() => void) | undefined
}

/** Makes a hub. */
export function createWakeHub({ directory, clock, scheduler }: WakeOptions): WakeHub {
  const sources = new Map<string, Source>()

  function sourceOf(name: string): Source {
    let source = sources.get(name)
    if (source === undefined) {
      source = { wakes: new Set(), local: false, stopListening: undefined }
      sources.set(name, source)
    }
    return source
  }

  function wakeAll({ wakes }: Source): void {
    for (const wake of wakes) wake()
  }

  /** Listens on the socket exactly while somebody watches a store that is written elsewhere. */
  function settle(name: string, source: Source): void {
    const wanted = source.wakes.size > 0 && !source.local
    if (wanted) {
      source.stopListening ??= listenToBell(bellPath(directory, name), scheduler, () => wakeAll(source))
    } else {
      source.stopListening?.()
      source.stopListening = undefined
    }
  }

  return {
    publish: (service) => {
      const source = sourceOf(service)
      const bell = openBell(bellPath(directory, service), { clock, scheduler })
      source.local = true
      settle(service, source)
      // Who watched before the store was here has not seen what it holds.
      wakeAll(source)
      return {
        wake: () => {
          wakeAll(source)
          bell.ring()
        },
        close: async () => {
          source.local = false
          settle(service, source)
          await bell.close()
        },
      }
    },
    watch: (name, wake) => {
      const source = sourceOf(name)
      // A wrapper of its own for each watch: the same function may watch twice.
      const own = () => wake()
      source.wakes.add(own)
      settle(name, source)
      return () => {
        source.wakes.delete(own)
        settle(name, source)
      }
    },
  }
}
