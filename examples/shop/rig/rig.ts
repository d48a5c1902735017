// The rig itself: system, faults, ledger and sink, opened and closed together. Closing ends everything that was started.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import {
  CrashOrders,
  FaultInjector,
  type FaultKind,
  functionPointsOf,
  pointsOf,
  type Reachable,
} from '@tidings/testing/rig'
import { createSeededRandom } from 'tidings/memory'
import { type Variant, variantVariable } from './broken.ts'
import { Ledger } from './ledger.ts'
import { sinkVariable } from './reminders/send-reminder.ts'
import { RunningSystem } from './running-system.ts'
import { crashFolder, rigServices, storesFolder } from './services.ts'
import { openSink, type Sink } from './sink.ts'

/** Options of a rig. */
export interface RigSettings {
  /** The seed of all choices. */
  readonly seed: number
  /** The folder of all files; created if it does not exist. */
  readonly folder: string
  /** The crash points at which processes die. Default: all that the services can reach. */
  readonly points?: readonly Reachable[]
  /** The points at which functions loop for ever, and those at which they hang. Default: all that the services can reach. */
  readonly loops?: readonly Reachable[]
  readonly hangs?: readonly Reachable[]
  /** How long a process may loop before that is a finding, in milliseconds. Default: 30,000. */
  readonly loopMsMax?: number
  /** The kinds of faults. Default: all. */
  readonly kinds?: readonly FaultKind[]
  /** The pause between two faults, in milliseconds. Default: 200 to 900. */
  readonly pauseMs?: readonly [number, number]
  /** How the shop is broken on purpose. Default: not at all. */
  readonly broken?: readonly Variant[]
}

/** An opened rig. */
export interface Rig {
  readonly ledger: Ledger
  readonly sink: Sink
  readonly system: RunningSystem
  readonly orders: CrashOrders
  readonly points: readonly Reachable[]
  readonly faults: FaultInjector
  close(): Promise<void>
}

/** Opens a rig; the system is not started yet. */
export async function openRig(settings: RigSettings): Promise<Rig> {
  const { seed, folder, kinds, loopMsMax, pauseMs = [200, 900], broken = [] } = settings
  const data = join(folder, 'data')
  mkdirSync(data, { recursive: true, mode: 0o700 })
  const ledger = new Ledger(join(folder, 'ledger.jsonl'))
  const sink = await openSink(createSeededRandom(seed + 1))
  const environment = {
    // Processes restart often, so their compiled code is cached.
    NODE_COMPILE_CACHE: join(folder, 'compiled'),
    [sinkVariable]: sink.url,
    [variantVariable]: broken.join(','),
  }
  const system = new RunningSystem({ data, environment })
  const orders = new CrashOrders(join(data, crashFolder))
  const points = settings.points ?? rigServices.flatMap((service) => pointsOf(service, { relay: false }))
  const faults = new FaultInjector({
    random: createSeededRandom(seed),
    victims: () => system.victims,
    killWhole: () => system.kill(),
    supervisor: () => system.pid,
    orders,
    points,
    loops: settings.loops ?? rigServices.flatMap((service) => functionPointsOf(service, 'loop')),
    hangs: settings.hangs ?? rigServices.flatMap((service) => functionPointsOf(service, 'hang')),
    stores: { folder: join(data, storesFolder), allRun: () => system.victims.size === rigServices.length },
    pauseMs,
    ...(kinds === undefined ? {} : { kinds }),
    ...(loopMsMax === undefined ? {} : { loopMsMax }),
  })
  const close = async () => {
    await faults.stop()
    await system.close()
    await sink.close()
    ledger.close()
  }
  return { ledger, sink, system, orders, points, faults, close }
}
