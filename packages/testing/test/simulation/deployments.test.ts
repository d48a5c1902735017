// Deployments in a simulation: instances run older and newer code side by side, and older code has to do the work when the newer ones are gone.

import { defineService, type Service } from 'tidings'
import { expect, test } from 'vitest'
import {
  type Action,
  type Fault,
  failureLines,
  memoryEngines,
  parseTraceLine,
  playSchedule,
  playSeed,
  simulate,
} from '../../src/index.ts'
import { AddressChanged, LetterSent, letters, mail } from './letters-system.ts'

const simulation = { workload: mail, stepCount: 30, faults: { deploy: 0.3, pause: 0.2, scale: 0.1 } }
/** The post, and an office that does two things with each letter and one with each address. */
const [post] = letters()
const office = defineService('office', {})
const counting = () => {}
const services = [
  post as Service,
  office.with({
    weigh: office.on(LetterSent, counting),
    stamp: office.on(LetterSent, counting),
    note: office.on(AddressChanged, counting),
  }),
]
const shared = memoryEngines.filter(({ writers }) => writers === 'many')

test('P2 P4: whatever is deployed while instances stop, die and stand still, each event is handled once and in order', async () => {
  const report = await simulate({ services, simulation, instances: 2, runs: 8 })
  expect(report.failed && failureLines(report.failed, '')).toBeUndefined()
  expect(report.faults.deploy).toBeGreaterThan(20)
})

test.each([1, 2, 3, 4, 5])(
  'P2: when newer code has gone, events that only it handles wait, and are handled when it is back (seed %i)',
  async (seed) => {
    const begins = (fault: Fault): Action => ({ kind: 'fault', fault, afterMs: 0 })
    const waits = (waitMs: number): Action => ({ kind: 'wait', waitMs, afterMs: 0 })
    const calm = { workload: mail, stepCount: 12, faults: false } as const
    const { schedule } = await playSeed(seed, { services, simulation: calm })
    const commands = schedule.actions.filter(({ kind }) => kind === 'command')
    const deployed = (to: string) => begins({ fault: 'deploy', service: 'office', to, everyMs: 100, leaves: 0 })
    const actions = [waits(1_000), deployed('newer'), waits(20_000), deployed('older'), waits(20_000), ...commands]
    const options = { services, engines: shared }
    const run = await playSchedule({ seed, instances: 2, deploys: true, actions }, options)
    expect(run.failure).toBeUndefined()
    const lines = run.trace.map(parseTraceLine).filter(({ what }) => what.startsWith('FAULT is deployed'))
    expect(lines.map(({ what }) => what)).toEqual([
      expect.stringMatching(/^FAULT is deployed with handler (weigh|stamp|note)$/),
      expect.stringMatching(/^FAULT is deployed without handler (weigh|stamp|note)$/),
    ])
  },
)

test('a service without a handler that can be added later has one code', async () => {
  const silent = defineService('silent', {}).with({}) as Service
  const run = await playSeed(1, {
    services: [silent],
    simulation: { ...simulation, workload: function* () {} },
    instances: 2,
  })
  expect(run.failure).toBeUndefined()
  expect(run.faults.get('deploy')).toBeUndefined()
})

test('a run with one instance, or without deployments, has one code', async () => {
  const codes = async (options: object) =>
    (await playSeed(1, { services: letters(), simulation, ...options })).schedule.deploys
  expect(await codes({ instances: 2 })).toBe(true)
  expect(await codes({ instances: 1 })).toBeUndefined()
  expect(await codes({ instances: 2, simulation: { ...simulation, faults: { deploy: 0 } } })).toBeUndefined()
})
