// `npm run chat -- --log DIR --report FILE`: reads and imports the logs, waits, writes the report, and shows the progress on the terminal.
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { loadConfig, startSystem } from '@tidings/node'
import { exitCodes, interruption } from 'example-terminal'
import { checkImported, noteImported, readAnnotations, readDays } from '../import/index.ts'
import { webhookVariable } from '../services/courier/post-impulse.ts'
import { startSink } from '../sink/webhook-sink.ts'
import { importLog } from './import-log.ts'
import { openLogClock } from './log-clock.ts'
import { Progress, writeLine } from './progress.ts'
import { buildReport, type Report, writeReport } from './report.ts'

/** Options of an import. */
export interface ImportIntoOptions {
  readonly folder: string
  readonly report: string
  readonly data: string | undefined
  /** The file of the configuration. */
  readonly config: string
}

/** Imports logs and writes the report; returns the exit code. */
export async function importInto(options: ImportIntoOptions): Promise<number> {
  const { folder, report: file, data } = options
  const days = await readDays(folder)
  // Before anything is imported, because the report would find a mistake only after the whole import.
  const annotations = await readAnnotations(folder, days)
  const config = await loadConfig(options.config)
  // Logs have their own folder, so that they are not mixed with messages from the page.
  const kept = data ?? join(config.data, 'imported')
  await checkImported(kept, folder, days)
  await mkdir(dirname(file), { recursive: true })
  const signal = interruption(() => writeLine('\n  Ending. Run the import again to continue where it was.'))
  const total = days.reduce((sum, { lines }) => sum + lines.length, 0)
  const clock = await openLogClock(kept, days[0]?.lines[0]?.at ?? 0)
  const sink = await startSink()
  process.env[webhookVariable] = sink.url
  const running = await startSystem(config, { data: kept, http: false, log: { level: 'warn' }, now: clock.now })
  const progress = new Progress(total)
  try {
    const refused = await importLog({
      days,
      running,
      clock,
      onLine: (done) => progress.show(done, clock.now()),
      signal,
    })
    progress.end()
    if (refused === undefined) return exitCodes.interrupted
    const report = await buildReport(running, annotations, days, refused)
    await writeReport(file, report)
    await noteImported(kept, folder, days)
    writeLine(summary(report, days.length, file))
    return exitCodes.done
  } finally {
    await running.close()
    await sink.close()
  }
}

function summary({ all }: Report, days: number, file: string): string {
  const impulses = Object.entries(all.impulses).map(
    ([kind, { delivered, withdrawn, held, overLimit, tooLate }]) =>
      `            ${kind.padEnd(20)} ${delivered} delivered, ${withdrawn} withdrawn, ${overLimit} over limit, ${tooLate} too late; ${held} were held`,
  )
  return [
    `  ${days} days   ${all.messages} messages of ${all.members} members, ${all.questions} questions, ${all.answered} of them answered`,
    ...(impulses.length === 0 ? [] : ['  impulses', ...impulses]),
    `  lines     ${all.rejected.length === 0 ? 'none rejected' : `${all.rejected.length} rejected, see the report`}; ${all.deadLetters} dead letters`,
    `  report    ${file}`,
  ].join('\n')
}
