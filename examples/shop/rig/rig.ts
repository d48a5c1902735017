// The rig itself: system, load, faults, ledger and sink, opened together and closed together. Whatever happens, what was started is ended.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { CrashOrders, FaultInjector, type FaultKind, pointsOf, type Reachable } from '@tidings/testing/rig'
import { createSeededRandom } from 'tidings/memory'
import { type Variant, variantVariable } from './broken.ts'
import { Ledger } from './ledger.ts'
import { sinkVariable } from './reminders/send-reminder.ts'
import { RunningSystem } from './running-system.ts'
import { crashFolder, rigServices } from './services.ts'
import { openSink, type Sink } from './sink.ts'

/** What a rig is opened with. */
export interface RigSettings {
  /** What every choice follows from. */
  readonly seed: number
  /** A folder for everything; made where there is none. */
  readonly folder: string
  /** The crash points that processes die at. Default: all that the services' declarations lead to. */
  readonly points?: readonly Reachable[]
  /** The kinds of faults. Default: all. */
  readonly kinds?: readonly FaultKind[]
  /** The pause between two faults, in milliseconds. Default: 200 to 900. */
  readonly pauseMs?: readonly [number, number]
  /** Ways in which the shop is broken on purpose. Default: none. */
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

/** Opens a rig; nothing runs yet. */
export async function openRig(settings: RigSettings): Promise<Rig> {
  const { seed, folder, kinds, pauseMs = [200, 900], broken = [] } = settings
  const data = join(folder, 'data')
  mkdirSync(data, { recursive: true, mode: 0o700 })
  const ledger = new Ledger(join(folder, 'ledger.jsonl'))
  const sink = await openSink(createSeededRandom(seed + 1))
  const environment = {
    // Processes start again and again: what they compile is kept.
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
    orders,
    points,
    pauseMs,
    ...(kinds === undefined ? {} : { kinds }),
  })
  const close = async () => {
    await faults.stop()
    await system.close()
    await sink.close()
    ledger.close()
  }
  return { ledger, sink, system, orders, points, faults, close }
}
