// `tidings start --all`: every service of the system in a process of its own, under one supervisor. A process that ends is started again, and the others go
// on. SIGTERM drains: requests in progress are answered, then every process ends in order.

import { type ProcessLine, startProcesses } from '@tidings/node'
import { isTidingsError } from 'tidings'
import type { Invocation } from '../invocation.ts'
import { exposureCounts, exposureText } from '../system/exposure.ts'
import { loadSystem } from '../system/load-system.ts'
import { fieldLines } from '../terminal/table.ts'
import { blue, bold, dim } from '../terminal/text.ts'
import { countOf } from '../terminal/time-text.ts'
import { ended, incomplete } from './start-ended.ts'
import { portsOf, type StartOptions } from './start-options.ts'

/** Runs every service until it is told to end. */
export async function startAll(invocation: Invocation, options: StartOptions): Promise<void> {
  const { terminal, interrupted } = invocation
  invocation.outliveReaders()
  const { config, data } = await loadSystem(invocation, options)
  const json = options.json === true
  const names = config.services.map(({ name }) => name)
  try {
    const running = await startProcesses(config, config.path, {
      data,
      ...portsOf(options),
      log: { level: options.log, format: json ? 'json' : 'text' },
      printed: printer(names, json),
      signal: interrupted,
      // What cannot start yet, such as a service whose store is away, is tried again; the others run meanwhile.
      startTimeoutMs: Number.POSITIVE_INFINITY,
    })
    const { httpUrl, controlUrl, healthUrl } = running
    const counts = exposureCounts(config.services)
    const processes = running.processes.map(({ service, pid }) => ({ service, pid }))
    if (json) {
      const started = { kind: 'started', system: config.name, processes, http: httpUrl, control: controlUrl }
      terminal.json({ ...started, health: healthUrl, pid: process.pid, ...counts }, true)
    } else {
      terminal.line([bold(config.name), dim(`  ${countOf(names.length, 'service')}, each in a process of its own`)])
      const fields = [
        ['http', blue(httpUrl)],
        ['exposed', exposureText(counts)],
        ['control', blue(controlUrl)],
        ...(healthUrl === null ? [] : [['health', blue(healthUrl)] as const]),
        ['processes', processes.map(({ service, pid }) => `${service} ${pid}`).join(', ')],
      ] as const
      terminal.lines(fieldLines(fields, terminal.width))
    }
    const { complete } = await running.ended
    if (!complete) throw incomplete()
  } catch (error) {
    // It was told to end while it was starting.
    if (!(interrupted.aborted && isTidingsError(error, 'CLOSED'))) throw error
  }
  ended(terminal, json)
}

// Each line says whose it is. A line of the log that is JSON names its service itself.
function printer(services: readonly string[], json: boolean): (line: ProcessLine) => void {
  const width = Math.max(...services.map((name) => name.length))
  return ({ service, output, line }) => {
    const text = json ? jsonLine(service, output, line) : `${service.padEnd(width)} | ${line}`
    process[output].write(`${text}\n`)
  }
}

function jsonLine(service: string, output: ProcessLine['output'], line: string): string {
  if (output === 'stderr' && /^\{"level":.*\}$/.test(line)) return line
  return JSON.stringify({ kind: 'printed', service, output, line })
}
