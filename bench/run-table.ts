// Measures the rows of the table and prints them: a table line by line, or JSON at the end. Installs the peers on first use.

import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { profileName } from './harness/contender.ts'
import { writeDocument } from './harness/document.ts'
import { inWords, measuredWith } from './harness/machine.ts'
import { namesOf } from './harness/names.ts'
import { type ReportRow, reportRows } from './harness/report.ts'
import { merged, readResults, writeResults } from './harness/results.ts'
import { type Outcome, type RunOptions, runWork } from './harness/run-work.ts'
import { summarizeProfile } from './harness/summarize-profile.ts'
import { tableHead, tableLines } from './harness/table.ts'
import { type Options, UsageError } from './options.ts'
import { installPeers } from './peers/install-peers.ts'
import { type ContenderName, type Row, rowsOf, usualSizes, type Work } from './work.ts'
import { works } from './works.ts'

/** Measures the rows that the options choose. */
export async function runTable(options: Options): Promise<void> {
  const { json, only, runs } = options
  const matching = works.filter((work) => rowsOf(work).some((row) => only.every((text) => isChosen(row, text))))
  if (matching.length === 0) throw new UsageError(`No row matches ${only.join(' and ')}.`)
  const { chosen, contenders } = withPeers(matching, options.contenders)
  const profileFolder = options.profile === undefined ? undefined : path.resolve(options.profile)
  if (profileFolder !== undefined) mkdirSync(profileFolder, { recursive: true })
  const sizes = { ...usualSizes, historyCount: options.events ?? usualSizes.historyCount, importCount: options.lines }
  const runOptions: RunOptions = { runs, contenders, sizes, oneCore: !options['all-cores'], profileFolder }
  const measured = measuredWith(runs)
  const begin = performance.now()
  if (!json) console.log([inWords(measured), '', ...tableHead].join('\n'))
  const rows: ReportRow[] = []
  for (const work of chosen) {
    const outcome = await runWork(work, runOptions)
    const found = reportRows(work, outcome)
    rows.push(...found)
    if (!json) for (const row of found) console.log(tableLines(row).join('\n'))
    if (profileFolder !== undefined) showProfiles(work, outcome, profileFolder)
    for (const [name, error] of Object.entries(outcome.errors)) {
      console.error(`${namesOf(name as ContenderName)} failed in "${rowsOf(work)[0]?.work}": ${error}`)
      process.exitCode = 1
    }
  }
  if (json) console.log(JSON.stringify(rows, undefined, 2))
  else
    console.log(
      `\n${rows.length} ${rows.length === 1 ? 'row' : 'rows'} in ${((performance.now() - begin) / 60_000).toFixed(1)} minutes`,
    )
  if (!options.write) return
  const kept = merged(
    readResults(),
    rows.map((row) => ({ ...row, measured })),
    works,
  )
  writeResults(kept)
  writeDocument(kept, works)
}

function showProfiles(work: Work, outcome: Outcome, folder: string): void {
  for (const name of Object.keys(outcome.figures) as ContenderName[]) {
    const file = path.join(folder, profileName(work, name))
    console.error(`\n${name}: ${file}\n${summarizeProfile(file).join('\n')}\n`)
  }
}

// If the peers cannot be installed (no network, no compiler), the bench runs without them and exits with 1.
function withPeers(chosen: readonly Work[], contenders: readonly ContenderName[]) {
  const isEmmett = (name: ContenderName) => name.startsWith('emmett')
  const needsPeers = (work: Work) =>
    work.usesPeers === true || contenders.some((name) => isEmmett(name) && work[name] !== undefined)
  if (!chosen.some(needsPeers)) return { chosen, contenders }
  try {
    installPeers()
    return { chosen, contenders }
  } catch (error) {
    console.error(`Emmett and Hono do not take part: ${(error as Error).message}`)
    process.exitCode = 1
    return {
      chosen: chosen.filter((work) => work.usesPeers !== true),
      contenders: contenders.filter((name) => !isEmmett(name)),
    }
  }
}

function isChosen({ work, durability }: Row, text: string): boolean {
  return text.split(',').some((part) => `${work} ${durability}`.includes(part.trim()))
}
