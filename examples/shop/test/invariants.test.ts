// Each invariant of the simulated shop detects a violation: an engine changes the commits on purpose.
import { type SimulatedEngine, simulate } from '@tidings/testing'
import { memoryDriver } from 'tidings/memory'
import type { CommitUnit } from 'tidings/ports'
import { expect, test } from 'vitest'
import { shopServices } from '../services/index.ts'
import simulation from '../simulation.ts'

type Spoil = (unit: CommitUnit) => CommitUnit

/** By the invariant that must detect it. */
const broken: Readonly<Record<string, { readonly how: string; readonly spoil: Spoil }>> = {
  'every parcel belongs to an order, and to one of its sellers': {
    how: 'parcels are stored with a wrong seller',
    spoil: (unit) => ({
      ...unit,
      rows: unit.rows.map((write) =>
        write.table === 'parcels' && write.row !== null
          ? { ...write, row: { ...write.row, json: write.row.json.replace(/"sellerId":"\w+"/, '"sellerId":"nobody"') } }
          : write,
      ),
    }),
  },
  'a parcel is dispatched and delivered once': {
    how: 'events of parcels are published twice',
    spoil: (unit) => ({
      ...unit,
      events: unit.events.flatMap((event) =>
        event.type.startsWith('shop.parcel-') ? [event, { ...event, id: `${event.id}-again` }] : [event],
      ),
    }),
  },
  'what was handed over is dispatched, and what has arrived is delivered': {
    how: 'of two concurrent writes to a shipment the last wins',
    spoil: (unit) => ({ ...unit, checks: unit.checks.filter(({ table }) => table !== 'shipments') }),
  },
  'a payment is approved once, and every published case exists': {
    how: 'approvals are published but not stored',
    spoil: (unit) => ({ ...unit, rows: unit.rows.filter(({ table }) => table !== 'approvals') }),
  },
}

function spoiling(spoil: Spoil): SimulatedEngine {
  const open: SimulatedEngine['open'] = () => {
    const driver = memoryDriver({ relay: false })
    const spoilt: typeof driver.open = async (environment) => {
      const engine = await driver.open(environment)
      const openStore: typeof engine.openStore = async (service) => {
        const store = await engine.openStore(service)
        return { ...store, commit: (unit) => store.commit(spoil(unit)) }
      }
      return { ...engine, openStore }
    }
    return { driver: { name: 'spoiling', open: spoilt } }
  }
  return { name: 'spoiling', share: 1, relay: false, open }
}

for (const [name, { how, spoil }] of Object.entries(broken)) {
  test(`${name}: it is violated if ${how}`, async () => {
    const engines = [spoiling(spoil)]
    const { failed } = await simulate({
      services: shopServices,
      simulation,
      engines,
      checkers: [],
      runs: 300,
      shrink: false,
    })
    expect(failed?.run.failure?.checker).toBe(`invariant: ${name}`)
  })
}

test('every invariant has such a test', () => {
  expect(simulation.invariants?.map(({ name }) => name)).toEqual(Object.keys(broken))
})
