// Opens stores that exist, commits one by one, then twenty at once, and reports how often the thread had to wait for the disk, as the Linux kernel counts it
// (voluntary context switches), next to the same count for plain `fdatasync` calls on the same disk.

import { closeSync, existsSync, fdatasyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import path from 'node:path'
import type { Durability } from '../../src/index.ts'
import { sqliteDriver } from '../../src/index.ts'
import { realEnvironment } from './real-environment.ts'
import { event, publish } from './units.ts'

const [directory = '', durability = ''] = process.argv.slice(2)
const status = '/proc/thread-self/status'
const count = 100
const openedCount = 40

function waits(): number {
  return Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(readFileSync(status, 'utf8'))?.[1])
}

function waitsOfPlainSync(): number {
  const file = openSync(path.join(directory, 'plain'), 'w')
  const before = waits()
  for (let index = 0; index < count; index++) {
    writeSync(file, 'a line\n')
    fdatasyncSync(file)
  }
  const after = waits()
  closeSync(file)
  return after - before
}

const driver = sqliteDriver({ directory, durability: durability as Durability, checkpointIntervalMs: 60_000 })
const engine = await driver.open(realEnvironment)
const store = await engine.openStore('orders')
async function waitsOfCommits(atOnce: number): Promise<number> {
  const before = waits()
  for (let index = 0; index < count; index += atOnce) {
    await Promise.all(
      Array.from({ length: atOnce }, (_, own) => store.commit(publish(event(`${atOnce}-${index + own}`)))),
    )
  }
  return waits() - before
}

/** How often opening stores that exist, until the first commit of each, waits. */
async function waitsOfOpening(): Promise<number> {
  const names = Array.from({ length: openedCount }, (_, index) => `service-${index}`)
  const made = await driver.open(realEnvironment)
  for (const name of names) await made.openStore(name)
  await made.close()
  const again = await driver.open(realEnvironment)
  const before = waits()
  for (const name of names) await (await again.openStore(name)).commit(publish(event(name, { source: name })))
  const all = waits() - before
  await again.close()
  return all
}

/** How often creating stores waits. */
async function waitsOfCreating(round: number): Promise<number> {
  const made = await driver.open(realEnvironment)
  const before = waits()
  for (let index = 0; index < openedCount; index++) await made.openStore(`made-${round}-${index}`)
  const all = waits() - before
  await made.close()
  return all
}

/** The lowest of three: what the thread waits for besides, such as other threads, differs from time to time. */
async function leastWaitsOfOpening(): Promise<number> {
  return Math.min(await waitsOfOpening(), await waitsOfOpening(), await waitsOfOpening())
}

async function leastWaitsOfCreating(): Promise<number> {
  return Math.min(await waitsOfCreating(1), await waitsOfCreating(2), await waitsOfCreating(3))
}

process.on('message', async () => {
  if (!existsSync(status)) return process.send?.({ countable: false })
  const countable = waitsOfPlainSync() >= count
  return process.send?.({
    countable,
    commits: count,
    opened: openedCount,
    openWaits: await leastWaitsOfOpening(),
    createWaits: await leastWaitsOfCreating(),
    single: await waitsOfCommits(1),
    grouped: await waitsOfCommits(20),
  })
})
process.send?.('ready')
