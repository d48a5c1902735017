// The health of a process, as its main thread knows it: not ready while it starts and closes, in between what its services say. Invariant: the port is
// open before the first store is, and until everything has closed, so that a probe always gets an answer.

import type { Watchdog } from '../watchdog/watchdog.ts'
import type { AskMissing } from './health-channel.ts'
import type { HealthOptions } from './health-options.ts'

/** A service, as its health is asked. */
export interface HealthyService {
  /** Why it should get no requests now; nothing if it is ready. */
  unready(): Promise<readonly string[]>
  /** Resolves when it has met damaged data. */
  readonly damaged: Promise<unknown>
}

/** Why one of several services should get no requests now, each reason once; nothing if all are ready. */
export async function unreadyOfAll(services: readonly Pick<HealthyService, 'unready'>[]): Promise<readonly string[]> {
  return [...new Set((await Promise.all(services.map((service) => service.unready()))).flat())]
}

/** The open port. */
export interface Health {
  /** Its URL: `http://127.0.0.1:8081`. */
  readonly url: string
  /** From now on, it is as ready as these. */
  serve(services: Iterable<HealthyService>): void
  /** From now on, it is not ready: it closes. */
  closing(): void
  close(): Promise<void>
}

/** Opens the port. Throws `CONFIG_INVALID`. */
export async function openHealth(where: Required<HealthOptions>, watchdog: Watchdog): Promise<Health> {
  let missing: AskMissing = async () => ['starting']
  let isClosing = false
  const probes = await watchdog.answerProbes(where, () => missing())
  const shown = where.host.includes(':') ? `[${where.host}]` : where.host
  return {
    url: `http://${shown}:${probes.port}`,
    serve: (services) => {
      const all = [...services]
      for (const { damaged } of all) void damaged.then(() => probes.noteDamage())
      if (isClosing) return
      missing = () => unreadyOfAll(all)
    },
    closing: () => {
      isClosing = true
      missing = async () => ['closing']
    },
    close: () => probes.stop(),
  }
}
