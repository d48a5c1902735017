// `node bench/hanging.ts`: what the other keys get through while some of 100 keys hang for ever, compared with the same handler without a hang, in
// one run. Each handler waits 20 ms, so that the figures depend on the delivery and not on the speed of the machine.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nodeEnvironment } from '@tidings/node'
import { sqliteDriver } from '@tidings/sqlite'
import { defineEvent, defineService } from 'tidings'
import { createSystem } from 'tidings/runtime'
import { z } from 'zod'

const keyCount = 100
const rounds = Number(process.argv[2] ?? 240)
const waitMs = 20

const Sent = defineEvent('bench.sent', { owner: 'sender', pattern: 'notification' })
  .version(1, z.object({ key: z.string() }))
  .key(({ key }) => key)
const sender = defineService('sender', { publishes: [Sent] }).with({})

/** Events of other keys that are handled in a second while `hanging` keys hang. */
async function throughput(hanging: number): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), 'tidings-hanging-'))
  const keys = Array.from({ length: keyCount }, (_, index) => `key-${index}`)
  const hung = new Set(keys.filter((_, index) => index % 5 < 2).slice(0, hanging))
  const all = (keyCount - hanging) * rounds
  const done = Promise.withResolvers<void>()
  let handled = 0
  const definition = defineService('reader', { limits: { deferredCountMax: 1_000_000, handlerTimeoutMs: 600_000 } })
  const reader = definition.with({
    read: definition.on(Sent, async ({ key }) => {
      if (hung.has(key)) await new Promise(() => {})
      await new Promise((resolve) => setTimeout(resolve, waitMs))
      if (++handled === all) done.resolve()
    }),
  })
  const environment = nodeEnvironment({ log: () => {} })
  const driver = sqliteDriver({ directory, durability: 'process-crash' })
  const first = await createSystem({ services: [sender], driver, environment })
  for (let round = 0; round < rounds; round++)
    await first.service('sender').importEvents(keys.map((key) => recordOf(key, round)))
  await first.close()
  const system = await createSystem({ services: [sender, reader], driver, environment })
  const start = performance.now()
  await done.promise
  const seconds = (performance.now() - start) / 1_000
  void system.close().then(() => rmSync(directory, { recursive: true, force: true }))
  return all / seconds
}

function recordOf(key: string, round: number) {
  const at = Date.now()
  return {
    ...{ id: `${key}-${round}`, type: Sent.name, version: 1, readableFrom: 1, key, data: JSON.stringify({ key }) },
    ...{ downcasts: null, entityVersion: null, occurredAt: at, recordedAt: at, correlationId: key, causationId: key },
    ...{ source: 'sender', causedBy: 'bench', principal: null, tenant: null, traceparent: null, tracestate: null },
  }
}

// The timers of the environment keep no process alive.
const alive = setInterval(() => {}, 1_000)
const calm = await throughput(0)
console.log(`no key hangs: ${Math.round(calm)} events a second`)
for (const hanging of [1, 12, 40]) {
  const found = await throughput(hanging)
  console.log(
    `${hanging} of ${keyCount} keys hang: ${Math.round(found)} events of the others a second (${Math.round((found / calm) * 100)} %)`,
  )
}
clearInterval(alive)
process.exit(0)
