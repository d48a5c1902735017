// A service that leaves what folders keep from layout 2 on: tenants, trace states, unique values, declared timers, answers of principals,
// performed effects, instances that are deferred, shapes of versions. Invariant: it hears of itself only, and calls `before` first everywhere.

import {
  defineCommand,
  defineDecider,
  defineEffect,
  defineEvent,
  defineQuery,
  defineService,
  defineTable,
  fact,
  type Service,
  timer,
} from 'tidings'
import { z } from 'zod'
import type { Before } from './services.ts'

const sampleV1 = z.object({ sampleId: z.string(), code: z.string(), batch: z.string() })
const report = z.object({ sampleId: z.string(), receipt: z.string() })

export const RegisterSample = defineCommand('register-sample', {
  input: sampleV1,
  output: z.object({ registered: z.string() }),
})
export const WeighSample = defineCommand('weigh-sample', {
  input: z.object({ sampleId: z.string(), grams: z.number() }),
  key: ({ sampleId }) => sampleId,
})
export const Samples = defineQuery('samples', {
  owner: 'lab',
  input: z.object({}),
  output: z.object({ samples: z.array(sampleV1), reports: z.array(report) }),
})
export const Weight = defineQuery('weight', {
  owner: 'lab',
  input: z.object({ sampleId: z.string() }),
  output: z.object({ grams: z.number() }),
})

const SampleTaken = defineEvent('at-rest.sample-taken', { owner: 'lab', pattern: 'notification' })
  .version(1, z.object({ sampleId: z.string(), batch: z.string() }))
  .key(({ sampleId }) => sampleId)
const sample = defineDecider('sample', {
  commands: { weigh: WeighSample },
  facts: { weighed: fact(z.object({ grams: z.number() })) },
  initialState: () => ({ grams: 0 }),
  decide: { weigh: ({ grams }, _state, { facts }) => facts.weighed({ grams }) },
  evolve: { weighed: (_state, { grams }) => ({ grams }) },
})
const SendReport = defineEffect('send-report', {
  input: z.object({ sampleId: z.string() }),
  outcome: z.object({ receipt: z.string() }),
  key: ({ sampleId }) => sampleId,
})
const reports = defineTable('reports')
  .version(1, report)
  .key(({ sampleId }) => sampleId)
const samplesOf = (schema: typeof sampleV1) =>
  defineTable('samples')
    .version(1, schema)
    .key(({ sampleId }) => sampleId)
    .unique('code')

const limits = { pollMs: 600_000, attemptsMax: 3, retryDelayMs: 60_000, retryDelayMsMax: 600_000 }

/**
 * The service.
 *
 * @param edited - whether its code has edited version 1 of a table: rows need a weight, which those that are stored do not have.
 */
export function labOf(before: Before, edited = false): Service {
  const samples = samplesOf(edited ? (sampleV1.extend({ grams: z.number() }) as unknown as typeof sampleV1) : sampleV1)
  const lab = defineService('lab', {
    publishes: [SampleTaken],
    tables: { samples, reports },
    timers: {
      expire: timer(z.object({ code: z.string() })),
      stir: timer({ every: { cron: '30 * * * *' } }),
      wash: timer({ every: { cron: '0 6 * * *', timeZone: 'Europe/Berlin' } }),
    },
    limits,
  })
  return lab.with({
    register: lab.command(
      RegisterSample,
      { publishes: [SampleTaken], requests: [SendReport] },
      async (taken, { tables, timers, publish, request }) => {
        const { sampleId, code, batch } = taken
        await before(`register ${sampleId}`)
        tables.samples.put(taken)
        timers.expire.after(sampleId, { days: 3 }, { code })
        publish(SampleTaken, { sampleId, batch })
        request(SendReport, { sampleId })
        return { registered: sampleId }
      },
    ),
    weigh: lab.decider(sample),
    test: lab.on(SampleTaken, ({ sampleId }, { principal }) =>
      before(`test ${sampleId} for ${principal?.id} of ${principal?.tenant}`),
    ),
    analysis: lab
      .process('analysis', {
        facts: { begun: fact(z.object({})) },
        initialState: () => ({}),
        evolve: { begun: (state) => state },
      })
      .starts(
        SampleTaken,
        ({ batch }) => batch,
        async ({ sampleId, batch }, { facts }) => {
          await before(`analyse ${sampleId} in ${batch}`)
          return facts.begun({})
        },
      ),
    expireSample: lab.due('expire', ({ code }, { timer: { key }, principal }) =>
      before(`expire ${key} (${code}) for ${principal?.id} of ${principal?.tenant}`),
    ),
    stirSamples: lab.due('stir', (_due, { timer: { key, missed } }) => before(`stir ${key}, ${missed} missed`)),
    washGlasses: lab.due('wash', (_due, { timer: { key } }) => before(`wash ${key}`)),
    sendReport: lab.effect(SendReport, {
      attemptsMax: 3,
      perform: async ({ sampleId }, { idempotencyKey }) => {
        await before(`perform ${sampleId} as ${idempotencyKey}`)
        return { receipt: `receipt-of-${sampleId}` }
      },
      outcome: async ({ receipt }, { input: { sampleId }, tables }) => {
        await before(`file ${sampleId} under ${receipt}`)
        tables.reports.put({ sampleId, receipt })
      },
    }),
    samples: lab.query(Samples, async (_input, { tables }) => ({
      samples: [...(await tables.samples.list())],
      reports: [...(await tables.reports.list())],
    })),
    weight: lab.query(Weight, async ({ sampleId }, { streams }) => ({
      grams: (await streams.load(sample, sampleId)).state.grams,
    })),
  })
}
