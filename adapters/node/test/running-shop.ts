// Starts the tests' shop on SQLite in a folder of its own, and calls its HTTP API without the typed client.

import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { sqliteDriver } from '@tidings/sqlite'
import type { LogLine } from 'tidings/ports'
import { onTestFinished } from 'vitest'
import { type ConfigOptions, defineConfig } from '../src/config/config.ts'
import { type RunningSystem, type StartOptions, startSystem } from '../src/start-system.ts'
import { orders, shipping } from './shop-system.ts'

/** A folder that is removed when the test has finished. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'tidings-node-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** The shop's configuration on SQLite. */
export function shopConfig(changes: Partial<ConfigOptions> = {}) {
  return defineConfig({
    name: 'shop',
    services: [orders, shipping],
    engine: ({ directory }) => sqliteDriver({ directory, durability: 'process-crash' }),
    ...changes,
  })
}

/** A shop that is closed when the test has finished; log lines are collected. */
export async function runningShop(
  options: StartOptions & { readonly config?: Partial<ConfigOptions> } = {},
): Promise<RunningSystem & { readonly url: string; readonly lines: LogLine[] }> {
  const { config, ...start } = options
  const lines: LogLine[] = []
  const data = start.data ?? temporaryFolder()
  const http = start.http ?? {}
  const running = await startSystem(shopConfig(config), {
    log: (line) => lines.push(line),
    ...start,
    data,
    http: http === false ? false : { port: 0, ...http },
  })
  onTestFinished(() => running.close())
  return { ...running, url: running.httpUrl ?? '', lines }
}

/** Posts JSON and reads the answer's body. */
export async function post(
  url: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; headers: Headers; body: Readonly<Record<string, unknown>> }> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: text === '' ? {} : JSON.parse(text) }
}

/** Sends text as it is, and returns everything that arrives until the other side closes. */
export function raw(url: string, ...parts: readonly string[]): Promise<string> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => {
      for (const part of parts) socket.write(part)
    })
    let text = ''
    socket.setEncoding('utf8')
    socket.on('data', (chunk: string) => {
      text += chunk
    })
    socket.on('error', (error) => (text === '' ? reject(error) : resolve(text)))
    socket.on('close', () => resolve(text))
  })
}
