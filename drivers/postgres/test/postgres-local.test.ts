// A Postgres that starts by itself: shared by the processes that ask for it, and never two on the same data.

import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { findServer, stopServer } from '../src/local/postgres-server.ts'
import { localPostgres, testPostgres } from '../src/local.ts'
import { startPostgresChild } from './processes/postgres-child.ts'

async function serverFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'tidings-local-'))
  await chmod(folder, 0o711)
  onTestFinished(async () => {
    await stopServer(path.join(folder, 'data'))
    await rm(folder, { recursive: true, force: true })
  })
  return folder
}

async function ask(url: string, sql: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows.at(-1)?.[0]
  } finally {
    await client.end()
  }
}

test('a server starts with nothing else typed, answers, and keeps its data when it starts again', async () => {
  const directory = await serverFolder()
  const first = await localPostgres({ directory })
  expect(await ask(first.url, 'SHOW fsync')).toBe('on')
  await ask(first.url, 'CREATE TABLE kept (n int)')
  await first.close()
  expect(findServer(first.data)).toBeUndefined()
  const second = await localPostgres({ directory })
  expect(await ask(second.url, 'SELECT count(*)::int FROM kept')).toBe(0)
  await second.close()
})

test('only the owner of the folder can log in: the password is in a file for its owner only, and no other way is open', async () => {
  const directory = await serverFolder()
  const server = await localPostgres({ directory })
  expect(statSync(path.join(directory, 'server.json')).mode & 0o077).toBe(0)
  expect(statSync(server.data).mode & 0o077).toBe(0)
  const open = server.url.replace(/:[^:@]+@/, '@')
  await expect(ask(open, 'SELECT 1')).rejects.toThrow()
  const wrong = server.url.replace(/:[^:@]+@/, ':guess@')
  await expect(ask(wrong, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' })
  await server.close()
})

test('processes that ask for the same folder at once share one server, and the last one to leave stops it', async () => {
  const directory = await serverFolder()
  const children = await Promise.all([1, 2, 3, 4].map(() => startPostgresChild(directory)))
  const pids = new Set(children.map(({ server }) => server.pid))
  expect(pids.size).toBe(1)
  const [last, ...others] = children
  await Promise.all(others.map((child) => child.leave()))
  expect(await ask(last!.server.url, 'SELECT 1')).toBe(1)
  await last!.leave()
  expect(findServer(last!.server.data)).toBeUndefined()
})

test('a killed process leaves its server to the next one, which takes it over', async () => {
  const directory = await serverFolder()
  const killed = await startPostgresChild(directory)
  await killed.end('SIGKILL')
  const next = await startPostgresChild(directory)
  expect(next.server).toEqual(killed.server)
  await next.leave()
  expect(findServer(next.server.data)).toBeUndefined()
})

test('a process that is killed does not count as a user: the last living one stops the server', async () => {
  const directory = await serverFolder()
  const [one, two] = [await startPostgresChild(directory), await startPostgresChild(directory)]
  await one.end('SIGKILL')
  await two.leave()
  expect(findServer(two.server.data)).toBeUndefined()
})

test('a process that exits without closing its server has asked it to stop', async () => {
  const directory = await serverFolder()
  const child = await startPostgresChild(directory, 'exits')
  await child.leave()
  const next = await localPostgres({ directory })
  expect(next.pid).not.toBe(child.server.pid)
  await next.close()
})

test('a server that was killed is started again on its data, although its note is there', async () => {
  const directory = await serverFolder()
  const first = await localPostgres({ directory })
  await ask(first.url, 'CREATE TABLE kept (n int)')
  const pid = await first.restart('kill')
  expect(pid).not.toBe(first.pid)
  expect(await ask(first.url, 'SELECT count(*)::int FROM kept')).toBe(0)
  expect(await first.restart()).not.toBe(pid)
  await first.close()
})

test('a note that names a process of another program keeps no server away', async () => {
  const directory = await serverFolder()
  const first = await localPostgres({ directory })
  await first.close()
  const note = [process.pid, first.data, 1, 5432, '', '127.0.0.1', ' 0 0', 'ready', '']
  writeFileSync(path.join(first.data, 'postmaster.pid'), note.join('\n'))
  expect(findServer(first.data)).toBeUndefined()
  const second = await localPostgres({ directory })
  expect(await ask(second.url, 'SELECT 1')).toBe(1)
  await second.close()
})

test('a server with other settings is refused as long as another process uses it, and started again afterwards', async () => {
  const directory = await serverFolder()
  const first = await localPostgres({ directory })
  await expect(localPostgres({ directory, durable: false })).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  await first.close()
  const second = await localPostgres({ directory, durable: false, settings: { log_statement: 'all' } })
  expect(await ask(second.url, 'SHOW fsync')).toBe('off')
  expect(await ask(second.url, 'SHOW log_statement')).toBe('all')
  await second.close()
})

test('a server that does not start says why, in the words of Postgres', async () => {
  const directory = await serverFolder()
  const started = localPostgres({ directory, settings: { no_such_setting: 1 } })
  await expect(started).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  await expect(started).rejects.toThrow('no_such_setting')
  expect(readFileSync(path.join(directory, 'server.log'), 'utf8')).toContain('no_such_setting')
})

test('the tests of one run share a server without fsync, which is not stopped between them', async () => {
  const one = await testPostgres()
  if (one.isTemporary) expect(await ask(one.url, 'SHOW fsync')).toBe('off')
  await one.close()
  const two = await testPostgres()
  expect(two.url).toBe(one.url)
  expect(await ask(two.url, 'SELECT 1')).toBe(1)
  await two.close()
})
