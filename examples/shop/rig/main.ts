// `npm run rig`: runs the rig round by round, tells how it goes, and ends with what was found.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { exitCodes, interruption } from 'example-terminal'
import { UsageError } from '../command-line/options.ts'
import { LiveScreen } from './live-screen.ts'
import { help, type RigWords, readRigOptions } from './options.ts'
import { isSound, reportText } from './rig-report.ts'
import { runRig } from './run-rig.ts'

const minuteMs = 60_000
/** The longest that faults are loose in one round: longer runs find what they find within minutes, and start anew. */
const roundMs = 5 * minuteMs

async function main(words: readonly string[]): Promise<number> {
  const options = readRigOptions(words)
  if (options.help) {
    process.stdout.write(help)
    return exitCodes.done
  }
  const signal = interruption(() => process.stderr.write('\n  Ending: what was done so far is judged.\n'))
  const folder = options.data === undefined ? mkdtempSync(join(tmpdir(), 'shop-rig-')) : resolve(options.data)
  const firstSeed = options.seed ?? Math.floor(Date.now() % 2 ** 32)
  let isAllSound = true
  const totalMs = options.minutes * minuteMs
  for (let round = 0, leftMs = totalMs; round === 0 || leftMs > 0; round++, leftMs -= roundMs) {
    if (signal.aborted) break
    const faultMs = Math.min(roundMs, leftMs)
    const seed = (firstSeed + round) >>> 0
    isAllSound = (await runRound({ options, seed, faultMs, folder: join(folder, String(seed)), signal })) && isAllSound
  }
  if (isAllSound && options.data === undefined) rmSync(folder, { recursive: true, force: true })
  else process.stderr.write(`Databases, log and ledger: ${folder}\n`)
  return isAllSound ? exitCodes.done : exitCodes.failed
}

interface Round {
  readonly options: RigWords
  readonly seed: number
  readonly faultMs: number
  readonly folder: string
  readonly signal: AbortSignal
}

async function runRound({ options, seed, faultMs, folder, signal }: Round): Promise<boolean> {
  const { rate: stepsPerSecond, broken, json } = options
  const screen = new LiveScreen(process.stderr, `Seed ${seed}, faults for ${faultMs / minuteMs} min`)
  const onLook = screen.show.bind(screen)
  const report = await runRig({ seed, faultMs, folder, stepsPerSecond, broken, signal, onLook })
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : reportText(report))
  const isRoundSound = isSound(report)
  if (isRoundSound && options.data === undefined) rmSync(folder, { recursive: true, force: true })
  return isRoundSound
}

function tell(error: unknown): number {
  if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\n${error.hint}\n`)
    return exitCodes.usage
  }
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  return exitCodes.failed
}

process.exitCode = await main(process.argv.slice(2)).catch(tell)
