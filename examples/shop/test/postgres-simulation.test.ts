// Simulates the shop with faults on a real Postgres: a few fixed seeds, each with one to four instances of the services.
import { postgresDriver } from '@tidings/postgres'
import { testPostgres } from '@tidings/postgres/local'
import { engineOnServer, failureLines, simulate } from '@tidings/testing'
import { expect, test } from 'vitest'
import { shopServices } from '../services/index.ts'
import simulation from '../simulation.ts'

const runs = 12

test('P1 to P8: runs of fifty steps with every kind of fault, on Postgres', { timeout: 240_000 }, async () => {
  const { url, drop, close } = await testPostgres()
  let run = 0
  const onPostgres = engineOnServer('Postgres', () => {
    const schemaPrefix = `simulation_${process.pid}_${++run}_`
    return { driver: postgresDriver({ url, schemaPrefix }), remove: () => drop(schemaPrefix) }
  })
  const report = await simulate({ services: shopServices, simulation, engines: [onPostgres], seed: 1, runs })
  await close()
  expect(report.failed && failureLines(report.failed, 'the same seed of this test').join('\n')).toBeUndefined()
  expect(report.runs).toBe(runs)
})
