// The noisy service in a process of its own behind a front. Its arguments: the configuration and the data folder.

import { loadConfig, startProcesses } from '@tidings/node'

const [configPath = '', data = ''] = process.argv.slice(2)
const running = await startProcesses(await loadConfig(configPath), configPath, { data })
process.on('SIGTERM', () => void running.close().then(() => process.exit(0)))
