// Faults injected into a process that only answers: it is stopped and starved meanwhile, and continues afterwards.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { getPriority, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { CrashOrders, FaultInjector, type FaultKind, type FaultOptions, pointsOf } from '@tidings/testing/rig'
import { expect, onTestFinished, test, vi } from 'vitest'
import { kitchenService } from './parlour.ts'

function harmed(kinds: readonly FaultKind[], chance: number, more: Partial<FaultOptions> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'tidings-rig-'))
  const child = fork(resolve(import.meta.dirname, 'answers.ts'), { execArgv: [] })
  const orders = new CrashOrders(folder)
  const points = pointsOf(kitchenService, { relay: false })
  const faults = new FaultInjector({
    random: { next: () => chance },
    victims: () => new Map([['kitchen', child.pid ?? 0]]),
    orders,
    points,
    pauseMs: [20, 60],
    kinds,
    ...more,
  })
  onTestFinished(async () => {
    await faults.stop()
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })
  return { child, faults, orders, folder }
}

test('a process that was stopped and starved continues when the faults have ended', async () => {
  // With these random numbers it is starved first, and the stop is followed by SIGCONT.
  const { child, faults } = harmed(['stop', 'starve'], 0.9)
  await once(child, 'message')
  faults.start()
  await vi.waitUntil(() => faults.counts.stops > 0 && faults.counts.starvations > 0, 10_000)
  await faults.stop()
  const answered = once(child, 'message')
  child.send('are you there?')
  expect(await answered).toEqual(['here', undefined])
  expect(faults.counts.kills).toBe(0)
  // A process that may raise priorities has done so.
  if (process.getuid?.() === 0) expect(getPriority(child.pid ?? 0)).toBe(0)
})

test('at the end, each kind of fault that never came comes once, and no other', async () => {
  const { child, faults } = harmed(['kill', 'storm', 'starve'], 0.9, { points: [] })
  await once(child, 'message')
  faults.counts.kills = 1
  faults.onlyMissing()
  expect(faults.missing()).toEqual(['storm', 'starve'])
  faults.start()
  await vi.waitUntil(() => faults.missing().length === 0, 10_000)
  await faults.stop()
  expect(faults.counts).toMatchObject({ kills: 1, storms: 1, starvations: 1 })
})

test('a storm stops every process and continues all of them', async () => {
  const { child, faults } = harmed(['storm'], 0.05)
  await once(child, 'message')
  faults.start()
  await vi.waitUntil(() => faults.counts.storms > 0 && stateOf(child.pid ?? 0) === 'T', 10_000)
  await faults.stop()
  const answered = once(child, 'message')
  child.send('are you there?')
  expect(await answered).toEqual(['here', undefined])
  expect(faults.counts).toMatchObject({ kills: 0, stops: 0 })
})

test('a process that loops is left alone, and is a finding only if nothing ends it in time', async () => {
  const { child, faults, folder } = harmed(['kill'], 0.5, { loopMsMax: 300 })
  await once(child, 'message')
  const { pid = 0 } = child
  const hit = { service: 'kitchen', point: 'command.after', fault: 'loop', pid }
  writeFileSync(join(folder, 'hits'), `${JSON.stringify(hit)}\n`)
  const ended = once(child, 'exit')
  faults.start()
  expect(await ended).toEqual([null, 'SIGKILL'])
  await faults.stop()
  expect(faults.counts.loops).toBe(1)
  // Had a fault ended it before, there would be no finding.
  expect(faults.endless).toEqual(['kitchen looped at command.after, and nothing ended its process within 300 ms'])
})

test('the stores are moved away while their services run, and are back when the faults have ended', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidings-stores-'))
  const stores = join(folder, 'stores')
  mkdirSync(stores)
  writeFileSync(join(stores, 'kitchen.db'), 'menus')
  const supervisor = fork(resolve(import.meta.dirname, 'answers.ts'), { execArgv: [] })
  onTestFinished(() => {
    supervisor.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })
  const { child, faults } = harmed(['move'], 0.9, {
    supervisor: () => supervisor.pid,
    stores: { folder: stores, allRun: () => true },
  })
  await Promise.all([once(child, 'message'), once(supervisor, 'message')])
  faults.start()
  // Nobody starts meanwhile.
  const isStopped = () => stateOf(supervisor.pid ?? 0) === 'T'
  await vi.waitUntil(() => existsSync(`${stores}-moved`) && !existsSync(stores) && isStopped(), 10_000)
  await faults.stop()
  expect(readFileSync(join(stores, 'kitchen.db'), 'utf8')).toBe('menus')
  const answered = once(supervisor, 'message')
  supervisor.send('are you there?')
  expect(await answered).toEqual(['here', undefined])
  expect(faults.counts.moves).toBeGreaterThan(0)
  expect(faults.counts.kills).toBe(0)
})

// The state of a process as Linux tells it: T if it is stopped.
function stateOf(pid: number): string | undefined {
  return /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1]
}

test('each service gets one order to die at a time, which is withdrawn at the end', async () => {
  const { faults, orders } = harmed(['crash'], 0.5)
  faults.start()
  await vi.waitUntil(() => orders.waits('kitchen'), 10_000)
  await faults.stop()
  expect(orders.waits('kitchen')).toBe(false)
  expect(faults.missing()).toContain('timer-claim.before')
})
