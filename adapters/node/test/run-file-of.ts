// What a run file of this process says, for tests.

import type { RunFile } from '../src/control/run-file.ts'

/** The run file of a process with the service `orders`. */
export const runFileOf = (changes: Partial<RunFile> = {}): RunFile => ({
  name: 'orders',
  pid: process.pid,
  startedAt: '2026-01-01T00:00:00.000Z',
  services: ['orders'],
  http: null,
  control: 'http://127.0.0.1:1',
  token: 'secret',
  ...changes,
})
