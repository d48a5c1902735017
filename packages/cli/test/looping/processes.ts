// The looping service in a process of its own behind a front, for the tests of the watchdog. Its arguments: the configuration and the data folder.

import { loadConfig, startProcesses } from '@tidings/node'

const [configPath = '', data = ''] = process.argv.slice(2)
const running = await startProcesses(await loadConfig(configPath), configPath, { data, answerTimeoutMs: 4_000 })
const say = () => process.stdout.write(`${JSON.stringify({ http: running.httpUrl, processes: running.processes })}\n`)
say()
process.on('SIGTERM', () => void running.close().then(() => process.exit(0)))
