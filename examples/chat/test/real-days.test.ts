// The real days: every line is imported, counted by kind, and linked nearly as the annotators did.
import { beforeAll, expect, test } from 'vitest'
import type { AnnotatedDay } from '../fit/choices.ts'
import { fitToDays, scoreDay, scoreHeldOut } from '../fit/fit-to-days.ts'
import { addScores, annotatedFrom, linksOfDay, readAnnotation, readDays } from '../import/index.ts'
import { weights } from '../services/threads/linking/weights.ts'
import { logsFolder } from './logs-folder.ts'

let days: readonly AnnotatedDay[] = []

beforeAll(async () => {
  const folder = logsFolder()
  const read = await readDays(folder)
  days = await Promise.all(read.map(async (day) => ({ ...day, links: (await readAnnotation(folder, day.day)) ?? [] })))
})

test('no line is rejected, and every line has the right kind', () => {
  expect(days.flatMap(({ rejected }) => rejected)).toEqual([])
  const countsOf = ({ day, lines }: AnnotatedDay) => {
    const counts: Record<string, number> = {}
    for (const { kind } of lines) counts[kind] = (counts[kind] ?? 0) + 1
    return [day, counts]
  }
  expect(Object.fromEntries(days.map(countsOf))).toEqual({
    '2005-07-06': { message: 1200, join: 255, part: 21, rename: 12, other: 12 },
    '2007-12-01': { message: 1475, action: 2, rename: 23 },
    '2010-08-17': { message: 1445, action: 3, rename: 52 },
    '2014-06-18': { message: 1424, action: 4, rename: 72 },
    '2016-02-22': { message: 1439, action: 3, rename: 58 },
  })
})

test('lines are counted from 0 without a gap, and time never goes backwards', () => {
  for (const { day, lines } of days) {
    expect(lines.map(({ line }) => line)).toEqual(Array.from({ length: 1500 }, (_, line) => line))
    expect(lines.every(({ at }, index) => index === 0 || at >= (lines[index - 1]?.at ?? 0))).toBe(true)
    expect(new Set(lines.map(({ at }) => new Date(at).toISOString().slice(0, 10)))).toEqual(new Set([day]))
  }
})

test('the day of 2005 has a 12-hour clock: it goes from 11:11 to 15:35', () => {
  const times = days[0]?.lines.map(({ at }) => new Date(at).toISOString().slice(11, 16))
  expect([times?.[0], times?.at(-1)]).toEqual(['11:11', '15:35'])
})

test('every annotated line has a link to itself or an earlier line', () => {
  expect(days.map(({ links }) => links.length)).toEqual([506, 516, 522, 517, 518])
  for (const { links } of days) {
    expect(links.every(([earlier, later]) => earlier <= later && later >= annotatedFrom)).toBe(true)
    expect(new Set(links.map(([, later]) => later)).size).toBe(500)
  }
})

test('a day’s links are the same every time, one for each line', () => {
  for (const { lines } of days.slice(0, 2)) {
    const links = linksOfDay(lines)
    expect(links.map(([, later]) => later)).toEqual(lines.map(({ line }) => line))
    expect(linksOfDay(lines)).toEqual(links)
  }
})

test('the links match the annotation with an F1 of at least 0.72', () => {
  const scores = days.map((day) => scoreDay(day, weights))
  expect(addScores(scores).f1).toBeGreaterThan(0.72)
  expect(Math.min(...scores.map(({ f1 }) => f1))).toBeGreaterThan(0.67)
})

test('the weights are the result of the fit', () => {
  expect(fitToDays(days)).toEqual(weights)
}, 120_000)

test('on a held-out day, F1 is at least 0.70', () => {
  const scores = days.map((day) => scoreHeldOut(day, days))
  expect(addScores(scores).f1).toBeGreaterThan(0.7)
}, 120_000)

test('the weights do not depend on a held-out day', () => {
  const [day, other] = days
  if (day === undefined || other === undefined) throw new Error('Two days are needed.')
  // An annotation in which every line starts a conversation: weights that were fitted to it would hardly find any other link.
  const odd = { ...day, links: day.lines.map(({ line }) => [line, line] as const) }
  const score = scoreHeldOut(odd, [odd, other])
  expect(score.annotated).toBe(500)
  expect(score.agreed).toBeLessThan(250)
}, 60_000)
