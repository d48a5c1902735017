// Imports a folder: reads it, sends the commands, waits until everything has settled, and builds the report. It keeps no state: the
// idempotency key of a command is derived from its row, so you can run an interrupted import again.
import { isTidingsError } from 'tidings'
import { prepareImport, type RejectedRow } from '../import/index.ts'
import { buildReport, type Report } from './report.ts'
import { sendSteps } from './send-steps.ts'
import type { Shop } from './shop.ts'
import { lagOf } from './shop-status.ts'
import { bar, count, duration, type LiveLine, paint } from './terminal.ts'

/** Options of an import. */
export interface ImportOptions {
  /** The folder of the CSV files. */
  readonly folder: string
  /** Starts the shop; called when the files have been read. */
  readonly start: () => Promise<Shop>
  /** Shows the progress. */
  readonly progress: LiveLine
  /** Interrupts the import after the commands in progress. */
  readonly signal: AbortSignal
}

/** The result of an import. */
export interface Imported {
  /** `undefined` if the import was interrupted. */
  readonly report: Report | undefined
  readonly shop: Shop
}

const showEveryMs = 100

/** How long to wait without any progress, in milliseconds. */
const standstillMs = 120_000

/** Imports a folder. The caller closes the shop. */
export async function importOrders({ folder, start, progress, signal }: ImportOptions): Promise<Imported> {
  const { steps, rejected, placeOf } = await prepareImport(folder)
  const shop = await start()
  const refused: RejectedRow[] = [...rejected]
  const startedAt = performance.now()
  let sent = 0
  let replayed = 0
  let shownAt = 0
  const show = () => {
    const now = performance.now()
    if (now - shownAt < showEveryMs) return
    shownAt = now
    const perSecond = (sent / (now - startedAt)) * 1_000
    const share = sent / Math.max(1, steps.length)
    const percent = `${Math.floor(share * 100)} %`.padStart(5)
    progress.show(`  import  ${paint('cyan', bar(share))} ${percent}  ${count(sent)} sent, ${count(perSecond)}/s`)
  }
  try {
    await sendSteps(steps, {
      signal,
      send: async (step) => {
        const answer = await shop.send(step, signal)
        if (!answer.accepted) refused.push({ ...placeOf(step), reason: answer.reason })
        else if (answer.replayed) replayed++
        sent++
        show()
      },
    })
    const known = replayed === 0 ? '' : ` (${count(replayed)} of them already known)`
    progress.end(`  import  ${count(sent)} commands in ${duration(performance.now() - startedAt)}${known}`)
    if (signal.aborted) return { report: undefined, shop }
    await waitUntilSettled(shop, progress, signal)
    if (signal.aborted) return { report: undefined, shop }
    return { report: await buildReport(shop, refused.sort(byPlace)), shop }
  } catch (error) {
    // A command without an answer is not a failure if the import was interrupted.
    if (signal.aborted) return { report: undefined, shop }
    await shop.close()
    throw error
  }
}

async function waitUntilSettled(shop: Shop, progress: LiveLine, signal: AbortSignal): Promise<void> {
  const startedAt = performance.now()
  let lag = Number.POSITIVE_INFINITY
  let movedAt = startedAt
  for (;;) {
    try {
      await shop.settled(250)
      break
    } catch (error) {
      if (!isTidingsError(error, 'TIMED_OUT')) throw error
      if (signal.aborted) return
      const before = lag
      lag = lagOf(await shop.status())
      if (lag !== before) movedAt = performance.now()
      else if (performance.now() - movedAt > standstillMs) throw error
      progress.show(`  settle  ${count(lag)} events to go`)
    }
  }
  progress.end(`  settle  ${duration(performance.now() - startedAt)} until every event was handled`)
}

function byPlace(a: RejectedRow, b: RejectedRow): number {
  return a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1
}
