// `npm run chat`: the chat on a page until Ctrl-C, or the import of logs. What is typed is read in `command-line/`, what is done is in
// `run/`; here both meet the process: its arguments, its signals, its exit code.
import { resolve } from 'node:path'
import { exitCodes } from 'example-terminal'
import { isTidingsError } from 'tidings'
import { help, readOptions, UsageError } from './command-line/options.ts'
import { FolderError } from './import/index.ts'
import { importInto } from './run/import-into.ts'
import { serve } from './run/serve.ts'

async function main(words: readonly string[]): Promise<number> {
  const options = readOptions(words)
  if (options.help) {
    process.stdout.write(help)
    return exitCodes.done
  }
  const { log, report, visitors, processes } = options
  const data = options.data === undefined ? undefined : resolve(options.data)
  if (log !== undefined && report !== undefined)
    return importInto({ folder: resolve(log), report: resolve(report), data })
  return serve({ data, visitors, processes })
}

function tell(error: unknown): number {
  if (error instanceof UsageError || error instanceof FolderError) {
    process.stderr.write(`${error.message}\n${error.hint}\n`)
    return error instanceof UsageError ? exitCodes.usage : exitCodes.failed
  }
  if (isTidingsError(error)) process.stderr.write(`${error.code}: ${error.message}\n${error.hint}\n`)
  else process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  return exitCodes.failed
}

// Timers of the services don't keep a process alive; the work of `main` does.
const alive = setInterval(() => {}, 60_000)
process.exitCode = await main(process.argv.slice(2)).catch(tell)
clearInterval(alive)
