// Writes the file of the lab, in which lies what folders keep from layout 2 on. Invariant: the ids and the time are passed in, and nothing else
// of the folder depends on them.

import { redrive } from 'tidings/operations'
import type { Ids } from 'tidings/ports'
import { labOf, RegisterSample, WeighSample } from './lab.ts'
import { runSystem } from './run-system.ts'
import type { Before } from './services.ts'

/** Who sends to the lab. The second one has the id of the first in another tenant. */
export const callers = { ann: { id: 'ann', tenant: 'acme' }, otherAnn: { id: 'ann', tenant: 'bolt' } } as const

const minuteMs = 60_000

const failing = ['analyse s-1 in b-1', 'file s-1', 'stir stir', 'test s-2']

const before: Before = (what) => {
  if (failing.some((start) => what.startsWith(start))) throw new Error(`no luck with ${what}`)
}

/** Runs the lab for 45 minutes, over a moment at which one of its timers recurs. */
export async function writeLab(directory: string, startMs: number, ids: Ids): Promise<void> {
  const services = [labOf(before)]
  const run = await runSystem({ directory, services, startMs, ids, editedVersions: 'warn' })
  const lab = run.system.service('lab')
  const trace = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', tracestate: 'lab=1' }
  const { ann, otherAnn } = callers
  const register = (sampleId: string, code: string, options: object) =>
    run.drive(lab.command(RegisterSample.name, { sampleId, code, batch: 'b-1' }, options))
  await register('s-1', 'red', { idempotencyKey: 'key-1', principal: ann, ...trace })
  await register('s-2', 'blue', { principal: otherAnn })
  // Its code is taken: the rejection is kept.
  await register('s-3', 'red', { idempotencyKey: 'key-1', principal: otherAnn })
  await run.drive(lab.command(WeighSample.name, { sampleId: 's-1', grams: 12 }, { principal: ann }))
  await run.advance(45 * minuteMs)
  // Fails again after its redrive.
  await run.drive(redrive(lab, { subscriber: 'main', source: 'lab' }, { dryRun: false }))
  await run.advance(0)
  await run.close()
}
