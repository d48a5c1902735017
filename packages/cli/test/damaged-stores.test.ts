// The real command on a store in which a digit has changed on the disk.

import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadConfig, startProcesses } from '@tidings/node'
import { afterAll, expect, test, vi } from 'vitest'
import { killAll, postJson, runBin, startBin } from './run-bin.ts'

const fixture = fileURLToPath(new URL('damaged', import.meta.url))
const folder = mkdtempSync(path.join(tmpdir(), 'tidings-damaged-'))
const data = path.join(folder, 'data')
const about = ['--config', fixture, '--data', data]

afterAll(() => {
  killAll()
  rmSync(folder, { recursive: true, force: true })
})

test('P9: a service that has met damaged data is not healthy: its log, status and exit code say so, and what to type', async () => {
  const pay = (url: unknown, id: string) => postJson(`${url}/bank/commands/pay`, { id, cents: 111_222 })
  const first = startBin(['start', 'bank', '--json', ...about], { cwd: folder })
  const { http } = await first.nextJson()
  expect((await pay(http, 'a')).status).toBe(200)
  await first.interrupt()
  const file = path.join(data, 'bank.db')
  const bytes = readFileSync(file, 'latin1')
  expect(bytes).toContain('"cents":111222')
  writeFileSync(file, bytes.replace('"cents":111222', '"cents":911222'), 'latin1')

  const second = startBin(['start', 'bank', '--json', ...about], { cwd: folder })
  const started = await second.nextJson()
  expect((await runBin(['status', ...about], { cwd: folder })).code).toBe(0)
  expect((await pay(started.http, 'a')).status).toBe(500)
  expect((await pay(started.http, 'b')).status).toBe(200)
  const text = await runBin(['status', ...about], { cwd: folder })
  expect(text).toMatchObject({ code: 1, stdout: expect.stringMatching(/CORRUPT_DATA Fact 1 of stream account\/a/) })
  expect(text.stderr).toContain('Service bank is not healthy: Fact 1 of stream account/a is damaged')
  const json = await runBin(['status', '--json', ...about], { cwd: folder })
  expect(JSON.parse(json.stdout).processes[0].services[0].damage).toMatchObject({
    message: expect.stringContaining('Fact 1 of stream account/a is damaged'),
  })
  expect((await pay(started.http, 'a')).status).toBe(500)
  const { stderr } = await second.interrupt()
  const lines = stderr.split('\n').filter((line) => line.includes('The store has damaged data'))
  expect(lines, 'it is said once').toHaveLength(1)
  expect(lines[0]).toMatch(/npx tidings check bank --config \S+damaged\S* --data data/)
  const checked = await runBin(['check', 'bank', ...about], { cwd: folder })
  expect(checked).toMatchObject({ code: 1, stdout: expect.stringContaining(`\n  ${file}\n`) })
  expect(checked.stderr.replaceAll(/\s+/g, ' '), 'a hint can be typed as it is printed').toContain(
    `\`npx tidings restore bank <file> --config ${fixture} --data ${data}\``,
  )

  const running = await startProcesses(await loadConfig(fixture), fixture, { data, log: { level: 'silent' } })
  try {
    expect(running.processes).toMatchObject([{ service: 'bank', up: true, damage: undefined }])
    expect((await pay(running.httpUrl, 'a')).status).toBe(500)
    await vi.waitFor(() =>
      expect(running.processes[0]?.damage?.message).toContain('Fact 1 of stream account/a is damaged'),
    )
    expect(await runBin(['status', ...about], { cwd: folder })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Service bank is not healthy'),
    })
    renameSync(data, `${data}-moved`)
    const gone = await runBin(['status', ...about], { cwd: folder })
    renameSync(`${data}-moved`, data)
    expect(gone, 'who runs without its folder is named').toMatchObject({
      code: 3,
      stderr: expect.stringContaining(`bank runs in process ${running.processes[0]?.pid}, and the data folder is gone`),
    })
  } finally {
    await running.close()
  }
}, 120_000)
