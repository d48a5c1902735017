// Units of one batch run side by side: what one has changed, no other may have read as it was before.

import { expect, test } from 'vitest'
import type { EventRecord } from '../../contracts/index.ts'
import { memoryDriver } from '../../memory/index.ts'
import type { Environment } from '../../ports/index.ts'
import { systemTables } from './system-tables.ts'
import { UnitOfWork } from './unit-of-work.ts'

const row = (json: string) => ({ schemaVersion: 1, json, columns: [] })

async function twoSideBySide() {
  const engine = await memoryDriver().open({ ids: { next: () => 'epoch' } } as Environment)
  const store = await engine.openStore('counts')
  for (const name of ['counts', systemTables.schedule]) await store.ensureTable({ name, indexes: [] })
  const batch = new UnitOfWork(store)
  const units = ['first', 'second'].map((id) => ({ id, unit: new UnitOfWork(store, batch) }))
  for (const { unit } of units) await unit.get('counts', 'a')
  for (const { id, unit } of units) {
    unit.put('counts', 'a', row(`"${id}"`))
    unit.put(systemTables.schedule, `effect/${id}`, row(`"${id}"`))
    unit.publish({ id } as EventRecord)
    unit.close()
  }
  return { batch, merged: units.map(({ unit }) => batch.merge(unit)) }
}

test('P3: of two units of a batch that have read the same row and changed it, the second is not merged [trap: process-race]', async () => {
  const { batch, merged } = await twoSideBySide()
  expect(merged).toEqual([true, false])
  expect(await batch.get('counts', 'a')).toMatchObject({ json: '"first"' })
})

test('P3: a unit that is not merged leaves no event behind', async () => {
  const { batch } = await twoSideBySide()
  expect(batch.events.map(({ id }) => id)).toEqual(['first'])
})

test('P3: a unit that is not merged leaves no effect and no timer behind', async () => {
  const { batch } = await twoSideBySide()
  expect(await batch.get(systemTables.schedule, 'effect/first')).toBeDefined()
  expect(await batch.get(systemTables.schedule, 'effect/second')).toBeUndefined()
})
