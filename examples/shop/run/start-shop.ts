// Starts the shop in this process, in several processes, or with processes for each service.
import { createServer } from 'node:net'
import { type LoadedConfig, loadConfig } from '@tidings/node'
import { startInOneProcess } from './in-one-process.ts'
import { startInProcesses } from './in-processes.ts'
import type { Shop } from './shop.ts'

/** Options of starting the shop. */
export interface StartShopOptions {
  /** The file of the configuration. */
  readonly config: string
  /** The folder of all data; `undefined`: the folder of the configuration. */
  readonly data: string | undefined
  /** Runs each service in its own process. */
  readonly processes: boolean
  /** The number of processes of every service, or of the whole shop. */
  readonly instances: number
  /** `known`: the port of the configuration, if it is free · `any`: any free port · or this one. */
  readonly port: 'known' | 'any' | number
}

/** A started shop with its configuration and data folder. */
export interface StartedShop {
  readonly shop: Shop
  readonly config: LoadedConfig
  readonly data: string
}

/** Starts the shop. */
export async function startShop(options: StartShopOptions): Promise<StartedShop> {
  const config = await loadConfig(options.config)
  const data = options.data ?? config.data
  const http = { port: typeof options.port === 'number' ? options.port : await portOf(config, options.port) }
  const { processes, instances } = options
  const shop =
    processes || instances > 1
      ? await startInProcesses(config, { data, http, log: { level: 'error' }, instances, together: !processes })
      : await startInOneProcess(config, { data, http, log: { level: 'warn' } })
  return { shop, config, data }
}

async function portOf({ http }: LoadedConfig, wanted: 'known' | 'any'): Promise<number> {
  const { port = 0 } = http ?? {}
  return wanted === 'known' && (await isFree(port)) ? port : 0
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
