// The system under the rig, in a process of its own: the supervisor and its front, which starts each service's process. It ends when the rig
// asks for it, or is gone.
import { type LoadedConfig, loadConfig, startProcesses } from '@tidings/node'

/** What the rig is told. */
export interface SystemMessage {
  readonly kind: 'ready'
}

const [configFile = '', data = ''] = process.argv.slice(2)
const config: LoadedConfig = await loadConfig(configFile)
const running = await startProcesses(config, config.path, { data, http: { port: 0 }, log: { level: 'warn' } })
const end = () => {
  void running.close().finally(() => process.exit(0))
}
process.on('SIGTERM', end)
// Ctrl-C reaches every process of the terminal; the rig decides what it means.
process.on('SIGINT', () => {})
process.on('disconnect', end)
if (process.connected) process.send?.({ kind: 'ready' } satisfies SystemMessage)
else end()
