// A simulation may have millions of runs: none may leave anything in memory.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { memoryDriver } from 'tidings/memory'
import { expect, test } from 'vitest'
import { type SimulatedEngine, simulate } from '../../src/index.ts'
import { letters, mail } from './letters-system.ts'

setFlagsFromString('--expose-gc')
// V8 optimizes functions in a thread, and keeps them and all that they refer to until it has done so: on a busy machine, longer than this test.
for (const compiler of ['turbofan', 'maglev']) setFlagsFromString(`--no-${compiler}`)
const collectGarbage: () => void = runInNewContext('gc')

test('P11: nothing of a crashed service stays in memory once its run is over', async () => {
  const engines: WeakRef<object>[] = []
  const watched: SimulatedEngine = {
    name: 'memory',
    share: 1,
    open: () => {
      const driver = memoryDriver()
      const open = async (environment: Parameters<typeof driver.open>[0]) => {
        const engine = await driver.open(environment)
        engines.push(new WeakRef(engine))
        return engine
      }
      return { driver: { ...driver, open } }
    },
  }
  const simulation = { workload: mail, stepCount: 40, faults: { crash: 0.5 } }
  const { faults, runs } = await simulate({ services: letters(), simulation, engines: [watched], runs: 10 })
  expect(runs).toBe(10)
  expect(Object.keys(faults).filter((fault) => fault.startsWith('crash')).length).toBeGreaterThan(5)
  // Lets the last callbacks of the last run finish.
  await new Promise(setImmediate)
  collectGarbage()
  expect(engines).toHaveLength(10)
  expect(engines.filter((engine) => engine.deref() !== undefined)).toHaveLength(0)
})
