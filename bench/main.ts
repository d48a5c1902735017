// `npm run bench`: compares Tidings with the same work by hand on node:sqlite and with Emmett, in one run. Prints a table line by line, or
// JSON at the end. Installs Emmett on first use.

import { mkdirSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { measureContendedKeys } from './contended-keys.ts'
import { type ReportRow, reportRows, tableHead, tableLines } from './harness/report.ts'
import { profileName, type RunOptions, runWork } from './harness/run-work.ts'
import { summarizeProfile } from './harness/summarize-profile.ts'
import { measureMemory } from './memory.ts'
import { measureOverload } from './overload.ts'
import { installPeers } from './peers/install-peers.ts'
import { type ContenderName, contenderNames, type Row, rowsOf, type Work } from './work.ts'
import { works } from './works.ts'

const help = `npm run bench -- [options]

  --only TEXT         only rows whose name or durability contains TEXT, or one of several texts: A,B
                      (may be given several times; all must match)
  --contenders A,B    only these of ${contenderNames.join(', ')}
  --runs N            turns of each contender; the table shows their median (default: 5, plus one to warm up)
  --json              prints an array of {work, durability, tidings, yardstick, emmett, unit}
  --profile DIR       writes a CPU profile of each contender's process, and prints the functions that used the most time
  --memory            measures the memory of one subscriber over 5 million events instead (--events N for another number)
  --contended         measures commands of one key: one caller, and 18 with and without a key
  --overload          measures a process that gets twice as many commands as it can handle (--seconds N, --connections N, --work-ms N)
  --help              prints this text
`

/** The command line is wrong. */
class UsageError extends Error {}

try {
  await main()
} catch (error) {
  const wrongOption = error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
  if (!(error instanceof UsageError) && !wrongOption) throw error
  console.error(`${(error as Error).message}\n\n${help}`)
  process.exitCode = 2
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true, default: [] },
      contenders: { type: 'string', default: contenderNames.join(',') },
      runs: { type: 'string', default: '5' },
      json: { type: 'boolean', default: false },
      profile: { type: 'string' },
      memory: { type: 'boolean', default: false },
      events: { type: 'string', default: '5000000' },
      contended: { type: 'boolean', default: false },
      overload: { type: 'boolean', default: false },
      seconds: { type: 'string', default: '120' },
      connections: { type: 'string', default: '900' },
      'work-ms': { type: 'string', default: '0' },
      help: { type: 'boolean', default: false },
    },
  })
  const { json } = values
  if (values.help) return void process.stdout.write(help)
  if (values.memory) return measureMemory({ eventCount: wholeNumber('--events', values.events), json })
  if (values.overload)
    return measureOverload({
      durationMs: wholeNumber('--seconds', values.seconds) * 1_000,
      connectionCount: wholeNumber('--connections', values.connections),
      factor: 2,
      workMs: Number(values['work-ms']),
    })
  if (values.contended) return measureContendedKeys()
  const contenders = values.contenders.split(',').map(contenderOf)
  const chosen = works.filter((work) => rowsOf(work).some((row) => values.only.every((text) => isChosen(row, text))))
  if (chosen.length === 0) throw new UsageError(`No row matches ${values.only.join(' and ')}.`)
  const profileFolder = values.profile === undefined ? undefined : path.resolve(values.profile)
  if (profileFolder !== undefined) mkdirSync(profileFolder, { recursive: true })
  await bench(chosen, { runs: wholeNumber('--runs', values.runs), contenders, profileFolder }, json)
}

async function bench(chosen: readonly Work[], options: RunOptions, json: boolean): Promise<void> {
  const { runs, profileFolder } = options
  const contenders = withPeers(chosen, options.contenders)
  const rows: ReportRow[] = []
  if (!json) {
    console.log(
      `${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${process.platform}, ${machine()}; medians of ${runs} turns\n`,
    )
    console.log(tableHead)
  }
  for (const work of chosen) {
    const outcome = await runWork(work, { ...options, contenders })
    rows.push(...reportRows(work, outcome))
    if (!json) for (const line of tableLines(work, outcome)) console.log(line)
    if (profileFolder !== undefined) {
      for (const name of Object.keys(outcome.figures) as ContenderName[]) {
        const file = path.join(profileFolder, profileName(work, name))
        console.error(`\n${name}: ${file}\n${summarizeProfile(file).join('\n')}\n`)
      }
    }
    for (const [name, error] of Object.entries(outcome.errors)) {
      console.error(`${name} failed in "${rowsOf(work)[0]?.work}": ${error}`)
      process.exitCode = 1
    }
  }
  if (json) console.log(JSON.stringify(rows, undefined, 2))
}

// If the peers cannot be installed (no network, no compiler), the bench runs without them and exits with 1.
function withPeers(chosen: readonly Work[], contenders: readonly ContenderName[]): readonly ContenderName[] {
  const isPeer = (name: ContenderName) => name.startsWith('emmett')
  if (!chosen.some((work) => contenders.some((name) => isPeer(name) && work[name] !== undefined))) return contenders
  try {
    installPeers()
    return contenders
  } catch (error) {
    console.error(`Emmett does not take part: ${(error as Error).message}`)
    process.exitCode = 1
    return contenders.filter((name) => !isPeer(name))
  }
}

function isChosen({ work, durability }: Row, text: string): boolean {
  return text.split(',').some((part) => `${work} ${durability}`.includes(part.trim()))
}

function machine(): string {
  const all = cpus()
  // Other load slows the contenders down, but not all of them equally: use an idle machine.
  return `${all.length} × ${all[0]?.model.trim() ?? 'unknown'}, load ${(loadavg()[0] ?? 0).toFixed(1)} at the start`
}

function wholeNumber(option: string, text: string): number {
  const number = Number(text)
  if (!Number.isSafeInteger(number) || number < 1)
    throw new UsageError(`${option} must be a whole number of at least 1, not ${text}.`)
  return number
}

function contenderOf(text: string): ContenderName {
  const name = contenderNames.find((other) => other === text.trim())
  if (name === undefined)
    throw new UsageError(`--contenders must be some of ${contenderNames.join(', ')}, not ${text}.`)
  return name
}
