// The shop in the rig: real files, real processes, and crash points in everything they do. Variants break it on purpose.
import { join } from 'node:path'
import { defineConfig } from '@tidings/node'
import { sqliteDriver } from '@tidings/sqlite'
import { crashingDriver, crashingService, crashSwitch, type Reached } from '@tidings/testing/rig'
import { breakDriver, breakService, variantsIn } from './broken.ts'
import { crashFolder, rigServices, storesFolder } from './services.ts'

let decide: Reached = () => undefined
const reached: Reached = (service, point) => decide(service, point)
const broken = variantsIn(process.env)

export default defineConfig({
  name: 'shop-rig',
  services: rigServices.map((service) => crashingService(breakService(service, broken), reached)),
  engine: ({ directory, log }) => {
    decide = crashSwitch(join(directory, crashFolder))
    const driver = sqliteDriver({ directory: join(directory, storesFolder), durability: 'process-crash', log })
    // Two transactions where there should be one: a process may die between them.
    return breakDriver(crashingDriver(driver, reached), broken)
  },
  // Some functions loop for ever; a starved process may well be busy for some seconds.
  watchdog: !broken.includes('no-watchdog') && { blockedMsMax: 5_000 },
})
