// `npm run chat`: serves the chat until Ctrl-C, or imports logs. `command-line/` reads the options and `run/` does the work; this file
// connects both to the process: its arguments, its signals, its exit code.
import { resolve } from 'node:path'
import { exitCodes } from 'example-terminal'
import { isTidingsError } from 'tidings'
import { help, readOptions, UsageError } from './command-line/options.ts'
import { FolderError } from './import/index.ts'
import { importInto } from './run/import-into.ts'
import { serve } from './run/serve.ts'

/** The configurations by engine: they differ in nothing else. */
const configs = {
  sqlite: resolve(import.meta.dirname, 'tidings.config.ts'),
  postgres: resolve(import.meta.dirname, 'postgres.config.ts'),
}

async function main(words: readonly string[]): Promise<number> {
  const options = readOptions(words)
  if (options.help) {
    process.stdout.write(help)
    return exitCodes.done
  }
  const { log, report, visitors, processes, engine, instances } = options
  const data = options.data === undefined ? undefined : resolve(options.data)
  if (log !== undefined && report !== undefined)
    return importInto({ folder: resolve(log), report: resolve(report), data, config: configs.sqlite })
  return serve({ data, visitors, processes, instances, config: configs[engine] })
}

function printError(error: unknown): number {
  if (error instanceof UsageError || error instanceof FolderError) {
    process.stderr.write(`${error.message}\n${error.hint}\n`)
    return error instanceof UsageError ? exitCodes.usage : exitCodes.failed
  }
  if (isTidingsError(error)) process.stderr.write(`${error.code}: ${error.message}\n${error.hint}\n`)
  else process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  return exitCodes.failed
}

// The services' timers don't keep a process alive, so this one does until `main` is done.
const alive = setInterval(() => {}, 60_000)
process.exitCode = await main(process.argv.slice(2)).catch(printError)
clearInterval(alive)
