// Opens a process's control endpoint and writes its run file; closing removes both.

import { type ControlledSystem, createControlEndpoint } from '@tidings/http'
import type { Environment } from 'tidings/ports'
import { listen } from '../server/listen.ts'
import { type RunFile, removeRunFile, writeRunFile } from './run-file.ts'
import { prepareRunFolder } from './run-folder.ts'
import { forgetRunPlace, noteRunPlace } from './run-places.ts'
import { makeToken } from './token.ts'

/** Options of opening a control endpoint. */
export interface OpenControlOptions {
  readonly system: ControlledSystem
  readonly environment: Environment
  /** The system's data folder. */
  readonly directory: string
  /** The run file's name. */
  readonly name: string
  /** The file of the configuration; left out if it comes from none. */
  readonly config?: string | undefined
  /** The URL of the HTTP API; `null` if none was opened. */
  readonly httpUrl: string | null
  /** Called when a request asks the process to end. */
  readonly stop: () => void
}

/** An open control endpoint. */
export interface OpenControl {
  readonly url: string
  /** Safe to call twice. */
  close(): Promise<void>
}

/** Opens the control endpoint on a free port of the loopback interface. */
export async function openControl(options: OpenControlOptions): Promise<OpenControl> {
  const { system, environment, directory, name, httpUrl, stop } = options
  prepareRunFolder(directory)
  const token = makeToken()
  const about = { name, pid: process.pid, startedAt: new Date(environment.clock.now()).toISOString(), http: httpUrl }
  const server = await listen(createControlEndpoint({ system, environment, token, about, stop }), {
    host: '127.0.0.1',
    port: 0,
    connectionCountMax: 256,
    connectionCountPerAddressMax: 256,
    requestTimeoutMs: 30_000,
    drainTimeoutMs: 2_000,
  })
  const services = [...system.services.keys()]
  const file = options.config === undefined ? {} : { config: options.config }
  const run: RunFile = { ...about, services, ...file, control: server.url, token }
  writeRunFile(directory, run)
  noteRunPlace(directory, run)
  return {
    url: server.url,
    close: async () => {
      removeRunFile(directory, run)
      forgetRunPlace(directory, run)
      await server.close()
    },
  }
}
