// `npm run bench`: compares Tidings with the same work by hand on node:sqlite and with Emmett, in one run, or measures one thing alone.

import { measureContendedKeys } from './contended-keys.ts'
import { measureGrowth } from './growth.ts'
import { measureGuard } from './guard.ts'
import { measureMemory } from './memory.ts'
import { help, type Options, readOptions, UsageError } from './options.ts'
import { measureOverload } from './overload.ts'
import { runTable } from './run-table.ts'
import { measureStartUp } from './start-up.ts'

try {
  await main(readOptions(process.argv.slice(2)))
} catch (error) {
  const wrongOption = error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
  if (!(error instanceof UsageError) && !wrongOption) throw error
  console.error(`${(error as Error).message}\n\n${help}`)
  process.exitCode = 2
}

async function main(options: Options): Promise<void> {
  const { json, seconds, connections, workMs, events } = options
  if (options.help) return void process.stdout.write(help)
  if (options.guard) return measureGuard(options)
  if (options.growth) return measureGrowth({ eventCount: events ?? 1_000_000, write: options.write })
  if (options['start-up']) return measureStartUp(options)
  if (options.memory) return measureMemory({ eventCount: events ?? 5_000_000, json })
  if (options.contended) return measureContendedKeys()
  if (options.overload)
    return measureOverload({ durationMs: seconds * 1_000, connectionCount: connections, factor: 2, workMs })
  return runTable(options)
}
