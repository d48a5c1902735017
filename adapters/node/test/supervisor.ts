// A supervisor for a test that kills it: starts the shop in processes and sends their ids.

import { startProcesses } from '../src/child-processes/start-processes.ts'
import { loadConfig } from '../src/config/load-config.ts'

const [configPath = '', data = ''] = process.argv.slice(2)
const running = await startProcesses(await loadConfig(configPath), configPath, { data, log: { level: 'silent' } })
process.send?.(running.processes.map(({ pid }) => pid))
