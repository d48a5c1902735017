// The import of a folder: read, send, wait until everything has settled, report. It keeps no state of its own: every command bears an
// idempotency key that follows from its row, so an import that was killed is simply run again.
import { isTidingsError } from 'tidings'
import { prepareImport, type RejectedRow } from '../import/index.ts'
import { buildReport, type Report } from './report.ts'
import { sendSteps } from './send-steps.ts'
import type { Shop } from './shop.ts'
import { lagOf } from './standing.ts'
import { bar, count, duration, type LiveLine, paint } from './terminal.ts'

/** What an import runs with. */
export interface ImportOptions {
  /** The folder of the CSV files. */
  readonly folder: string
  /** Starts the shop; called when the files have been read. */
  readonly start: () => Promise<Shop>
  /** Shows how far it is. */
  readonly progress: LiveLine
  /** Interrupts it after the commands under way. */
  readonly signal: AbortSignal
}

/** What is left of an import in the end. */
export interface Imported {
  /** `undefined` where it was interrupted. */
  readonly report: Report | undefined
  readonly shop: Shop
}

const showEveryMs = 100

/** How long nothing need move before it is no longer waited for, in milliseconds. */
const standstillMs = 120_000

/** Imports a folder. The shop it leaves is the caller's to close. */
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
    const known = replayed === 0 ? '' : ` (${count(replayed)} of them known from before)`
    progress.end(`  import  ${count(sent)} commands in ${duration(performance.now() - startedAt)}${known}`)
    if (signal.aborted) return { report: undefined, shop }
    await waitUntilSettled(shop, progress, signal)
    if (signal.aborted) return { report: undefined, shop }
    return { report: await buildReport(shop, refused.sort(byPlace)), shop }
  } catch (error) {
    // What was not answered when the end was asked for is no failure.
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
  progress.end(`  settle  ${duration(performance.now() - startedAt)} until everybody had heard everything`)
}

function byPlace(a: RejectedRow, b: RejectedRow): number {
  return a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1
}
