// Processes that share the stores of their services: each has a name, given or made, which it gets again after a restart.

import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import path from 'node:path'
import { defineService } from 'tidings'
import { memoryDriver } from 'tidings/memory'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Config, controlClients, defineConfig, startSystem } from '../src/index.ts'

const variable = 'TIDINGS_INSTANCE'
const orders = defineService('orders').with({})
const payments = defineService('payments').with({})
let data: string

beforeEach(() => {
  data = mkdtempSync(path.join(tmpdir(), 'tidings-instances-'))
})

afterEach(() => {
  delete process.env[variable]
  rmSync(data, { recursive: true, force: true })
})

const configWith = (writers: 'one' | 'many', parts: Partial<Config> = {}) => {
  const driver = memoryDriver({ writers })
  return defineConfig({ name: 'shop', services: [orders, payments], engine: () => driver, ...parts })
}

async function start(
  config: Config,
  parts: { readonly instance?: string; readonly services?: readonly string[] } = {},
) {
  const running = await startSystem(config, { data, http: false, log: { level: 'silent' }, ...parts })
  const names = [...running.system.services.values()].map(({ status }) => status.instance?.name)
  return { ...running, names }
}

test('a process gets the name that it is started with, then that of TIDINGS_INSTANCE, then that of the configuration', async () => {
  const config = configWith('many', { instance: 'of-config' })
  const named = async (parts = {}) => {
    const { names, close } = await start(config, parts)
    await close()
    return new Set(names)
  }
  expect(await named()).toEqual(new Set(['of-config']))
  process.env[variable] = 'Web_1.example'
  expect(await named()).toEqual(new Set(['Web_1.example']))
  expect(await named({ instance: 'given' })).toEqual(new Set(['given']))
})

test('without a name, processes of one machine get names of their own, and one that starts again gets its name back', async () => {
  const config = configWith('many')
  const first = await start(config)
  const second = await start(config)
  expect(first.names[0]?.startsWith(hostname().replaceAll(/[^A-Za-z0-9._-]+/g, '-'))).toBe(true)
  expect(first.names).toEqual(Array(2).fill(first.names[0]))
  expect(first.names[0]).toMatch(/\.1$/)
  expect(second.names[0]).toMatch(/\.2$/)
  // Both can be operated: neither has taken the other's place.
  const names = (await controlClients(data)).map(({ run }) => run.name)
  expect(names).toEqual([`all@shop.${first.names[0]}`, `all@shop.${second.names[0]}`])
  await first.close()
  const again = await start(config)
  expect(again.names).toEqual(first.names)
  await again.close()
  await second.close()
})

test('processes of different services all have the first number, and one of both has another', async () => {
  const config = configWith('many')
  const one = await start(config, { services: ['orders'] })
  const other = await start(config, { services: ['payments'] })
  expect(other.names).toEqual(one.names)
  const both = await start(config)
  expect(both.names[0]).toMatch(/\.2$/)
  for (const { close } of [one, other, both]) await close()
})

test('the name of a process that was killed is free again', async () => {
  const config = configWith('many')
  const { names, close } = await start(config)
  await close()
  const ended = spawn(process.execPath, ['--version'], { stdio: 'ignore' })
  await new Promise((resolve) => ended.once('exit', resolve))
  writeFileSync(path.join(data, 'run', 'instances', `${names[0]}.${ended.pid}.ab`), '["orders","payments"]')
  const again = await start(config)
  expect(again.names).toEqual(names)
  await again.close()
})

test.each(['', 'web 1', '../web', 'é', '-web', 'x'.repeat(121)])('%j is no name of an instance', async (name) => {
  const message = expect.stringContaining(' must be the name of an instance, not ')
  const refused = expect.objectContaining({ code: 'CONFIG_INVALID', message, hint: expect.stringContaining('web-1') })
  expect(() => configWith('one', { instance: name })).toThrow(refused)
  await expect(start(configWith('one'), { instance: name })).rejects.toEqual(refused)
  process.env[variable] = name
  await expect(start(configWith('one'))).rejects.toEqual(refused)
})

test('with an engine of one writer, a name means nothing', async () => {
  const { names, close } = await start(configWith('one', { instance: 'web-1' }))
  expect(names).toEqual([undefined, undefined])
  expect((await controlClients(data)).map(({ run }) => run.name)).toEqual(['all@shop'])
  await close()
})
