// `npm run rig`: runs the rig in rounds, shows the progress, and prints the findings.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { exitCodes, interruption } from 'example-terminal'
import { UsageError } from '../command-line/options.ts'
import { LiveScreen } from './live-screen.ts'
import { help, type RigCommandLine, readRigOptions } from './options.ts'
import { passed, reportText } from './rig-report.ts'
import { runRig } from './run-rig.ts'

const minuteMs = 60_000
/** The longest time with faults in one round: a longer run starts another round, with new databases. */
const roundMs = 5 * minuteMs

async function main(words: readonly string[]): Promise<number> {
  const options = readRigOptions(words)
  if (options.help) {
    process.stdout.write(help)
    return exitCodes.done
  }
  const signal = interruption(() => process.stderr.write('\n  Ending: checking what was done so far.\n'))
  const folder = options.data === undefined ? mkdtempSync(join(tmpdir(), 'shop-rig-')) : resolve(options.data)
  const firstSeed = options.seed ?? Math.floor(Date.now() % 2 ** 32)
  let allPassed = true
  const totalMs = options.minutes * minuteMs
  for (let round = 0, leftMs = totalMs; round === 0 || leftMs > 0; round++, leftMs -= roundMs) {
    if (signal.aborted) break
    const faultMs = Math.min(roundMs, leftMs)
    const seed = (firstSeed + round) >>> 0
    allPassed = (await runRound({ options, seed, faultMs, folder: join(folder, String(seed)), signal })) && allPassed
  }
  if (allPassed && options.data === undefined) rmSync(folder, { recursive: true, force: true })
  else process.stderr.write(`Databases, log and ledger: ${folder}\n`)
  return allPassed ? exitCodes.done : exitCodes.failed
}

interface Round {
  readonly options: RigCommandLine
  readonly seed: number
  readonly faultMs: number
  readonly folder: string
  readonly signal: AbortSignal
}

async function runRound({ options, seed, faultMs, folder, signal }: Round): Promise<boolean> {
  const { rate: stepsPerSecond, broken, json } = options
  const screen = new LiveScreen(process.stderr, `Seed ${seed}, faults for ${faultMs / minuteMs} min`)
  const onProgress = screen.show.bind(screen)
  const report = await runRig({ seed, faultMs, folder, stepsPerSecond, broken, signal, onProgress })
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : reportText(report))
  const hasPassed = passed(report)
  if (hasPassed && options.data === undefined) rmSync(folder, { recursive: true, force: true })
  return hasPassed
}

function printError(error: unknown): number {
  if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\n${error.hint}\n`)
    return exitCodes.usage
  }
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  return exitCodes.failed
}

process.exitCode = await main(process.argv.slice(2)).catch(printError)
