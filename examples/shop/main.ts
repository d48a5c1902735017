// `npm start`: runs the shop on generated orders until Ctrl-C, or imports real ones. `command-line/` reads the options and `run/` does the
// work; this file connects both to the process: its arguments, its signals, its exit code.
import { mkdir } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { exitCodes, interruption } from 'example-terminal'
import { isTidingsError } from 'tidings'
import { help, readOptions, type ShopOptions, UsageError } from './command-line/options.ts'
import { runGeneratedOrders } from './run/generated-orders.ts'
import { importOrders } from './run/import-orders.ts'
import { say, summary, welcome } from './run/messages.ts'
import { writeReport } from './run/report.ts'
import { startShop } from './run/start-shop.ts'
import { LiveLine } from './run/terminal.ts'

const dayMs = 86_400_000
/** How long closing waits for unhandled events, in milliseconds; the rest is handled after the next start. */
const drainMs = 10_000
const out = process.stdout
/** The configurations by engine: they differ in nothing else. */
const generated = { sqlite: 'generated.config.ts', postgres: 'generated-postgres.config.ts' }
const imported = { sqlite: '../../tidings.config.ts', postgres: 'postgres.config.ts' }

async function main(words: readonly string[]): Promise<number> {
  const { help: isHelp, orders, report, ...options } = readOptions(words)
  if (isHelp) {
    out.write(help)
    return exitCodes.done
  }
  if (orders === undefined || report === undefined) return sell(options)
  return importInto(resolve(report), resolve(orders), options)
}

type Options = Pick<ShopOptions, 'data' | 'processes' | 'port' | 'engine' | 'instances'>

async function sell({ data, processes, port, engine, instances }: Options): Promise<number> {
  const signal = interruption(() =>
    say(out, '\n  Ending: handling the remaining events (press Ctrl-C again to stop at once).'),
  )
  const config = resolve(import.meta.dirname, generated[engine])
  const started = await startShop({ config, data: absolute(data), processes, instances, port: port ?? 'known' })
  out.write(welcome(started, { processes, instances }))
  const { shop } = started
  try {
    const from = Math.floor(Date.now() / dayMs - 365) * dayMs
    await runGeneratedOrders(shop, { seed: Date.now(), from, terminal: out, signal })
    await shop.settled(drainMs).then(
      () => say(out, '  Ended: every event was handled.'),
      () => say(out, '  Ended: the remaining events are handled after the next start.'),
    )
  } finally {
    await shop.close()
  }
  return exitCodes.done
}

async function importInto(report: string, folder: string, options: Options): Promise<number> {
  const signal = interruption(() => say(out, '\n  Ending. Run the import again to continue where it was.'))
  const { data, processes, engine, instances } = options
  const config = resolve(import.meta.dirname, imported[engine])
  await mkdir(dirname(report), { recursive: true })
  const start = async () => (await startShop({ config, data: absolute(data), processes, instances, port: 'any' })).shop
  const result = await importOrders({ folder, start, progress: new LiveLine(out), signal })
  await result.shop.close()
  if (result.report === undefined) return exitCodes.interrupted
  await writeReport(report, result.report)
  out.write(summary(result.report, report))
  return exitCodes.done
}

const absolute = (path: string | undefined): string | undefined => (path === undefined ? undefined : resolve(path))

function printError(error: unknown): number {
  if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\n${error.hint}\n`)
    return exitCodes.usage
  }
  if (isTidingsError(error)) process.stderr.write(`${error.code}: ${error.message}\n${error.hint}\n`)
  else process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  return exitCodes.failed
}

// The services' timers don't keep a process alive, so this one does until `main` is done.
const alive = setInterval(() => {}, 60_000)
process.exitCode = await main(process.argv.slice(2)).catch(printError)
clearInterval(alive)
