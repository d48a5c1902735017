// The system in the rig, in its own process: the supervisor, which starts a process for each service. It ends when the rig asks for it or
// has ended itself.
import { type LoadedConfig, loadConfig, startProcesses } from '@tidings/node'

/** The message to the rig. */
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
// Ctrl-C reaches every process of the terminal; only the rig reacts to it.
process.on('SIGINT', () => {})
process.on('disconnect', end)
if (process.connected) process.send?.({ kind: 'ready' } satisfies SystemMessage)
else end()
