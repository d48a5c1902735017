// Commits one by one and tells how often the thread had to wait for the disk, as the Linux kernel counts it
// (voluntary context switches), beside the same count for plain `fdatasync` calls on the same disk.

import { closeSync, existsSync, fdatasyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import path from 'node:path'
import type { Durability } from '../../src/index.ts'
import { sqliteDriver } from '../../src/index.ts'
import { realEnvironment } from './real-environment.ts'
import { event, publish } from './units.ts'

const [directory = '', durability = ''] = process.argv.slice(2)
const status = '/proc/thread-self/status'
const count = 100

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
process.on('message', async () => {
  if (!existsSync(status)) return process.send?.({ countable: false })
  const plain = waitsOfPlainSync()
  const before = waits()
  for (let index = 0; index < count; index++) await store.commit(publish(event(`e${index}`)))
  return process.send?.({ countable: plain >= count, commits: count, waits: waits() - before })
})
process.send?.('ready')
