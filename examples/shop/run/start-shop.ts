// Starts the shop where it was asked for: in this process, or each service in one of its own.
import { createServer } from 'node:net'
import { type LoadedConfig, loadConfig } from '@tidings/node'
import { printProblem } from 'example-terminal'
import { startInOneProcess } from './in-one-process.ts'
import { startInProcesses } from './in-processes.ts'
import type { Shop } from './shop.ts'

/** Where and how the shop is to run. */
export interface StartShopOptions {
  /** The configuration's file. */
  readonly config: string
  /** The folder for everything it keeps; `undefined`: as the configuration says. */
  readonly data: string | undefined
  /** Each service in a process of its own. */
  readonly processes: boolean
  /** `known`: at the port that people know, if it is free · `any`: at any free one. */
  readonly port: 'known' | 'any'
}

/** A shop that was started, and what it was started with. */
export interface StartedShop {
  readonly shop: Shop
  readonly config: LoadedConfig
  readonly data: string
}

/** Starts the shop. */
export async function startShop(options: StartShopOptions): Promise<StartedShop> {
  const config = await loadConfig(options.config)
  const data = options.data ?? config.data
  const { port = 0 } = config.http ?? {}
  const http = { port: options.port === 'known' && (await isFree(port)) ? port : 0 }
  const shop = options.processes
    ? await startInProcesses(config, { data, http, log: { level: 'error' } })
    : await startInOneProcess(config, { data, http, log: printProblem })
  return { shop, config, data }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
