// The report of an import. All figures come from the services' read models; only the rejected lines, and the links of lines that are not
// messages, come from the importer.
import { writeFile } from 'node:fs/promises'
import type { RunningSystem } from '@tidings/node'
import type { QueryContract, QueryInput, QueryOutput } from 'tidings'
import { deferredEvents } from 'tidings/operations'
import {
  addScores,
  type ChatDay,
  type Link,
  type LinkScore,
  logRoom,
  placeOfLine,
  type RejectedLine,
  scoreLinks,
} from '../import/index.ts'
import { ChatSummary, DaySummary, type Summary } from '../services/insights/contract.ts'
import { LinksOfRoom } from '../services/threads/contract.ts'

/** The figures of a day, or of all days. */
export interface Figures extends Summary {
  /** Deferred events of the whole import: parked ones, and those that wait behind them. */
  readonly deadLetters: number
  readonly rejected: readonly RejectedLine[]
  /** Against the annotations, if there are any; over lines from 1000 on. */
  readonly linksPrecision?: number
  readonly linksRecall?: number
}

/** The report of an import. */
export interface Report {
  readonly days: Readonly<Record<string, Figures & { readonly links: readonly Link[] }>>
  readonly all: Figures
}

/** Builds the report of an import that has settled. */
export async function buildReport(
  running: RunningSystem,
  annotations: ReadonlyMap<string, readonly Link[]>,
  days: readonly ChatDay[],
  refused: readonly RejectedLine[],
): Promise<Report> {
  const deadLetters = [...running.system.services.values()].flatMap((service) => deferredEvents(service)).length
  const answers = await answersByDay(running)
  const scores: LinkScore[] = []
  const rejectedOf = (file?: string) =>
    [...days.flatMap(({ rejected }) => rejected), ...refused]
      .filter((line) => file === undefined || line.file === file)
      .sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1))
  const reported: Record<string, Report['days'][string]> = {}
  for (const { day, file, lines } of days) {
    const rejected = rejectedOf(file)
    const refusedLines = new Set(rejected.map(({ line }) => line))
    const links = lines
      .filter(({ line }) => !refusedLines.has(line))
      .map(({ line }): Link => [answers.get(day)?.get(line) ?? line, line])
    const annotated = annotations.get(day)
    const score = annotated && scoreLinks(links, annotated)
    if (score !== undefined) scores.push(score)
    const summary = await ask(running, DaySummary, { day })
    reported[day] = { ...summary, deadLetters, rejected, ...scored(score), links }
  }
  const summary = await ask(running, ChatSummary, {})
  const total = scores.length === 0 ? undefined : addScores(scores)
  return { days: reported, all: { ...summary, deadLetters, rejected: rejectedOf(), ...scored(total) } }
}

/** Writes a report as JSON, a line for each figure and one for each day's links. */
export async function writeReport(path: string, report: Report): Promise<void> {
  const pretty = JSON.stringify(report, (key, value) => (key === 'links' ? JSON.stringify(value) : value), 2)
  const text = pretty.replace(/"links": "(\[[\d[\],]*\])"/g, '"links": $1')
  await writeFile(path, `${text}\n`)
}

function scored(score: LinkScore | undefined) {
  return score === undefined ? {} : { linksPrecision: score.precision, linksRecall: score.recall }
}

// For each day, which line answers which. Links across days do not count, because each day has its own log.
async function answersByDay(running: RunningSystem): Promise<ReadonlyMap<string, ReadonlyMap<number, number>>> {
  const answers = new Map<string, Map<number, number>>()
  for (let after: string | undefined; ; ) {
    const page = await ask(running, LinksOfRoom, { roomId: logRoom.roomId, ...(after === undefined ? {} : { after }) })
    for (const [answersId, messageId] of page) {
      const later = placeOfLine(messageId)
      const earlier = answersId === null ? undefined : placeOfLine(answersId)
      if (later === undefined || earlier === undefined || earlier.day !== later.day) continue
      const ofDay = answers.get(later.day) ?? new Map<number, number>()
      answers.set(later.day, ofDay.set(later.line, earlier.line))
    }
    const last = page.at(-1)
    if (last === undefined) return answers
    after = last[1]
  }
}

async function ask<Q extends QueryContract>(
  running: RunningSystem,
  query: Q,
  input: QueryInput<Q>,
): Promise<QueryOutput<Q>> {
  const answer = await running.system.service(query.owner).query(query.name, input)
  if (answer === undefined) throw new Error(`${query.owner} has no answer to ${query.name}.`)
  return answer as QueryOutput<Q>
}
