// The lab of a data folder that an earlier build wrote goes on with the code of today: see `opens-earlier-folders.test.ts` for the other
// services. Invariant: the folder of layout 1 has no lab; every later one has, and is opened here.

import { createSequentialIds } from 'tidings/memory'
import { deferredEvents, listTimers, pendingEffects, redrive } from 'tidings/operations'
import type { EditedVersions, HandleCommandOptions } from 'tidings/runtime'
import { describe, expect, test } from 'vitest'
import { labOf, RegisterSample, Samples, Weight } from './lab.ts'
import { copyOf, layouts } from './open-copy.ts'
import { runSystem } from './run-system.ts'
import { writtenUntilMs } from './write-folder.ts'
import { callers } from './write-lab.ts'

const hourMs = 3_600_000
const { ann, otherAnn } = callers

/** How a copy is opened. */
interface Opening {
  readonly idle?: boolean
  readonly edited?: boolean
  readonly editedVersions?: EditedVersions
}

async function openLab(directory: string, { idle = false, edited = false, editedVersions = 'refuse' }: Opening = {}) {
  const calls: string[] = []
  const services = [labOf((what) => void calls.push(what), edited)]
  const ids = createSequentialIds('later')
  const run = await runSystem({ directory, services, startMs: writtenUntilMs, ids, idle, editedVersions })
  await run.advance(0)
  const lab = run.system.service('lab')
  return {
    ...run,
    lab,
    /** What functions ran since this was asked last, in order. */
    called: (): readonly string[] => calls.splice(0),
    register: (sampleId: string, code: string, options: HandleCommandOptions) =>
      run.drive(lab.command(RegisterSample.name, { sampleId, code, batch: 'b-1' }, options)),
    redriven: async (subscriber?: string) =>
      (await run.drive(redrive(lab, subscriber === undefined ? {} : { subscriber }, { dryRun: false }))).map(
        ({ key, events }) => [key, events.length],
      ),
    deferred: () =>
      deferredEvents(lab).map(
        ({ subscriber, source, key, ownKey, state, attempts, attemptsBefore = 0 }) =>
          `${subscriber}/${source} ${key} (${ownKey}): ${state} ${attemptsBefore}+${attempts}`,
      ),
  }
}

describe.each(layouts.filter((layout) => layout !== 'layout-1'))('the lab of %s', (layout) => {
  test('is shown as it was left, and nothing runs', async () => {
    const run = await openLab(copyOf(layout), { idle: true })
    expect(run.deferred()).toEqual([
      'main/lab s-2 (s-2): retrying 3+1',
      'analysis/lab b-1 (s-1): parked 0+3',
      'analysis/lab b-1 (s-2): blocked 0+0',
      'main/~timers stir (stir): parked 0+3',
      'effect.send-report/~effects s-1 (s-1): parked 0+3',
    ])
    const { timers } = await run.drive(listTimers(run.lab))
    expect(timers.map(({ id, state }) => `${id} ${state}`)).toEqual([
      'timer/-/stir/stir parked',
      'timer/-/stir/stir set',
      'timer/-/wash/wash set',
      'timer/-/expire/s-1 set',
      'timer/-/expire/s-2 set',
    ])
    const { effects } = await run.drive(pendingEffects(run.lab))
    expect(effects.map(({ key, state, attempts }) => [key, state, attempts])).toEqual([['s-1', 'parked', 3]])
    expect(run.called()).toEqual([])
    await run.close()
  })

  test('retries what failed again after its redrive, for the principal and the tenant that caused it', async () => {
    const run = await openLab(copyOf(layout))
    expect(run.called()).toEqual(['test s-2 for ann of bolt'])
    expect(run.deferred()).not.toContainEqual(expect.stringContaining('main/lab'))
    await run.close()
  })

  test('fires the timers that the service declares, and runs a parked run once after its redrive', async () => {
    const run = await openLab(copyOf(layout))
    run.called()
    await run.advance(3 * hourMs)
    // Six o'clock in Berlin is three hours after the folder was written.
    const stirred = 'stir stir, 0 missed'
    expect(run.called()).toEqual([stirred, stirred, stirred, 'wash wash'])
    expect(await run.redriven('main')).toEqual([['stir', 1]])
    await run.advance(0)
    expect(run.called()).toEqual([stirred])
    await run.advance(24 * hourMs)
    const called = run.called()
    expect(called.filter((what) => what === 'wash wash')).toHaveLength(1)
    expect(called.filter((what) => what.startsWith('stir'))).toHaveLength(24)
    await run.close()
  })

  test('files what an effect was answered after its redrive, and does not perform it again', async () => {
    const run = await openLab(copyOf(layout))
    run.called()
    expect(await run.redriven('effect.send-report')).toEqual([['s-1', 1]])
    await run.advance(0)
    expect(run.called()).toEqual(['file s-1 under receipt-of-s-1'])
    expect(await run.drive(run.lab.query(Samples.name, {}))).toMatchObject({
      reports: [
        { sampleId: 's-1', receipt: 'receipt-of-s-1' },
        { sampleId: 's-2', receipt: 'receipt-of-s-2' },
      ],
    })
    await run.close()
  })

  test('holds later events of a deferred instance back, and goes on with all of them in order after a redrive', async () => {
    const run = await openLab(copyOf(layout))
    await run.register('s-4', 'green', { principal: ann })
    await run.advance(0)
    expect(run.called()).not.toContainEqual(expect.stringMatching(/^analyse/))
    expect(run.deferred()).toContainEqual('analysis/lab b-1 (s-4): blocked 0+0')
    expect(await run.redriven('analysis')).toEqual([['b-1', 3]])
    await run.advance(0)
    expect(run.called()).toEqual(['analyse s-1 in b-1', 'analyse s-2 in b-1', 'analyse s-4 in b-1'])
    await run.close()
  })

  test('fires the timers that callers have set, for them and in their tenants', async () => {
    const run = await openLab(copyOf(layout))
    await run.advance(72 * hourMs)
    expect(run.called().filter((what) => what.startsWith('expire'))).toEqual([
      'expire s-1 (red) for ann of acme',
      'expire s-2 (blue) for ann of bolt',
    ])
    expect(await run.drive(run.lab.query(Weight.name, { sampleId: 's-1' }))).toEqual({ grams: 12 })
    await run.close()
  })

  test('gives a kept answer again to the principal that has it, and to nobody else', async () => {
    const run = await openLab(copyOf(layout))
    run.called()
    const underKey = { idempotencyKey: 'key-1' }
    expect(await run.register('s-1', 'red', { ...underKey, principal: ann })).toMatchObject({
      replayed: true,
      commandId: 'id-000000000068',
      output: { registered: 's-1' },
    })
    expect(await run.register('s-3', 'red', { ...underKey, principal: otherAnn })).toMatchObject({
      replayed: true,
      rejection: { code: 'code-taken' },
    })
    const reused = run.register('s-5', 'black', { ...underKey, principal: ann })
    await expect(reused).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' })
    expect(run.called()).toEqual([])
    const another = await run.register('s-5', 'black', { ...underKey, principal: { id: 'ann' } })
    expect(another).toMatchObject({ replayed: false, output: { registered: 's-5' } })
    await run.close()
  })

  test('refuses a value that a row has already, and takes it when that row has another', async () => {
    const run = await openLab(copyOf(layout))
    const taken = { accepted: false, rejection: { code: 'code-taken' } }
    expect(await run.register('s-6', 'red', {})).toMatchObject(taken)
    expect(await run.register('s-1', 'pink', {})).toMatchObject({ accepted: true })
    expect(await run.register('s-6', 'red', {})).toMatchObject({ accepted: true })
    expect(await run.register('s-7', 'pink', {})).toMatchObject(taken)
    await run.close()
  })

  test('notices a version that was edited since: it refuses to start, or says so', async () => {
    const directory = copyOf(layout)
    await expect(openLab(directory, { edited: true })).rejects.toMatchObject({ code: 'VERSION_EDITED' })
    const run = await openLab(directory, { edited: true, editedVersions: 'warn' })
    expect(run.lab.status.versions?.edited).toEqual([
      { what: 'Table samples', version: 1, member: '/grams', change: 'is required now' },
    ])
    await run.close()
    // What was stored is compared again by the code that has not been edited, and fits.
    const unedited = await openLab(directory)
    expect(unedited.lab.status.versions?.edited).toEqual([])
    await unedited.close()
  })
})
