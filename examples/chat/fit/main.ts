// `node examples/chat/fit/main.ts --data DIR`: fits the weights of the linker to the annotated days of a folder, and prints the scores on
// held-out days and the weights. It uses no randomness: the same days give the same figures.
import { parseArgs } from 'node:util'
import { addScores, FolderError, type LinkScore, readAnnotation, readDays } from '../import/index.ts'
import type { AnnotatedDay } from './choices.ts'
import { fitToDays, scoreDay, scoreHeldOut } from './fit-to-days.ts'

const usage = 'Usage: node examples/chat/fit/main.ts --data DIR (the folder of the IRC logs and their annotations)\n'

async function annotatedDays(folder: string): Promise<readonly AnnotatedDay[]> {
  const days: AnnotatedDay[] = []
  for (const day of await readDays(folder)) {
    const links = await readAnnotation(folder, day.day)
    if (links !== undefined) days.push({ ...day, links })
  }
  if (days.length < 2)
    throw new FolderError(`${folder} has ${days.length} annotated days.`, 'Give a folder with at least two.')
  return days
}

const percent = (share: number): string => share.toFixed(3)
const rowOf = (name: string, { precision, recall, f1 }: LinkScore): string =>
  `  ${name.padEnd(12)} precision ${percent(precision)}  recall ${percent(recall)}  F1 ${percent(f1)}\n`

async function main(folder: string): Promise<void> {
  const days = await annotatedDays(folder)
  process.stdout.write('Each day with weights fitted to the other days:\n')
  const heldOut = days.map((day) => {
    const score = scoreHeldOut(day, days)
    process.stdout.write(rowOf(day.day, score))
    return score
  })
  process.stdout.write(rowOf('together', addScores(heldOut)))
  const weights = fitToDays(days)
  const fitted = days.map((day) => scoreDay(day, weights))
  process.stdout.write('Each day with weights fitted to all days:\n')
  days.forEach((day, index) => {
    const score = fitted[index]
    if (score !== undefined) process.stdout.write(rowOf(day.day, score))
  })
  process.stdout.write(rowOf('together', addScores(fitted)))
  process.stdout.write('The weights fitted to all days:\n')
  for (const [cue, weight] of Object.entries(weights)) process.stdout.write(`  ${cue}: ${weight},\n`)
}

function folderGiven(): string | undefined {
  try {
    return parseArgs({ options: { data: { type: 'string' } } }).values.data
  } catch {
    return undefined
  }
}

const folder = folderGiven()
if (folder === undefined) {
  process.stderr.write(usage)
  process.exitCode = 2
} else {
  await main(folder).catch((error: unknown) => {
    if (!(error instanceof FolderError)) throw error
    process.stderr.write(`${error.message}\n${error.hint}\n`)
    process.exitCode = 1
  })
}
