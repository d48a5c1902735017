// Annotations, and scoring links against them.
import { expect, test } from 'vitest'
import { addScores, readAnnotation, scoreLinks } from '../import/index.ts'
import { smallFolder } from './small-folder.ts'

test('an annotation is read with the earlier line first, each link once', async () => {
  const folder = await smallFolder({
    '2010-08-17_18.annotation.txt': '993 1000 -\n1001 1001 -\n1002 1000 -\n1000 1002 -\n',
  })
  expect(await readAnnotation(folder, '2010-08-17')).toEqual([
    [993, 1000],
    [1001, 1001],
    [1000, 1002],
  ])
  expect(await readAnnotation(folder, '2010-08-18')).toBeUndefined()
})

test('an invalid row is an error that names the row', async () => {
  const folder = await smallFolder({ '2010-08-17_18.annotation.txt': '993 1000 -\nhello\n' })
  await expect(readAnnotation(folder, '2010-08-17')).rejects.toThrow(
    /^Row 2 of 2010-08-17_18.annotation.txt is not a link/,
  )
})

test('links are scored as sets of pairs whose later line is annotated', () => {
  const annotated = [
    [990, 1000],
    [1001, 1001],
    [1000, 1002],
    [1001, 1002],
  ] as const
  const predicted = [
    [10, 20],
    [1000, 990],
    [1000, 1001],
    [1000, 1002],
    [1000, 1002],
  ] as const
  const score = scoreLinks(predicted, annotated)
  expect(score).toMatchObject({ predicted: 3, annotated: 4, agreed: 2, precision: 2 / 3, recall: 2 / 4 })
  expect(score.f1).toBeCloseTo(4 / 7)
})

test('nothing found, or nothing annotated, scores 0', () => {
  expect(scoreLinks([], [[1000, 1001]])).toMatchObject({ precision: 0, recall: 0, f1: 0 })
  expect(scoreLinks([], [])).toMatchObject({ precision: 0, recall: 0, f1: 0 })
})

test('the score of several days counts every link the same', () => {
  const good = scoreLinks([[1000, 1001]], [[1000, 1001]])
  const bad = scoreLinks(
    [[1000, 1001]],
    [
      [1001, 1001],
      [1001, 1002],
      [1002, 1003],
    ],
  )
  expect(addScores([good, bad])).toMatchObject({ predicted: 2, annotated: 4, agreed: 1, precision: 0.5, recall: 0.25 })
})
