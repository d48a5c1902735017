// The noisy service in a program of its own, as a one-file application starts it. Its argument: the data folder.

import { startSystem } from '@tidings/node'
import config from './tidings.config.ts'

const running = await startSystem(config, { data: process.argv[2] ?? '', watchdog: true })
process.on('SIGTERM', () => void running.close().then(() => process.exit(0)))
