// Finds the weights under which what people chose is the likeliest: a conditional logit, climbed by Newton's method. There is no
// chance in it: the same choices give the same weights.
// See D. McFadden, "Conditional logit analysis of qualitative choice behavior", 1973.
import { solve } from './solve.ts'

/** One choice: for each option its cues, and whether people found it right. At least one is. */
export type Choice = readonly Option[]

/** An option of a choice; `cues` are pairs of a column and a value. */
export interface Option {
  readonly columns: readonly number[]
  readonly values: readonly number[]
  readonly right: boolean
}

/** How many steps are taken at most; it stops where a step moves no weight by more than a thousandth. */
const stepsMax = 25
/** Options less likely than this don't shape the step, only its aim; there are many of them. */
const likelyMin = 1e-3

/** The weights of `count` columns. `caution` holds them near 0: the higher, the more a cue must prove. */
export function fitWeights(choices: readonly Choice[], count: number, caution: number): readonly number[] {
  let weights: readonly number[] = Array.from({ length: count }, () => 0)
  let survey = surveyOf(choices, weights, caution)
  for (let step = 0; step < stepsMax; step++) {
    const move = solve(survey.bend, survey.slope)
    const here = weights
    const reached = survey.height
    for (let length = 1; length > 0.01; length /= 2) {
      weights = here.map((weight, column) => weight + length * (move[column] ?? 0))
      survey = surveyOf(choices, weights, caution)
      if (survey.height > reached) break
    }
    if (!(survey.height > reached)) return here
    if (move.every((by) => Math.abs(by) < 1e-2)) break
  }
  return weights
}

interface Survey {
  /** How likely the right options are: the logarithm, less what the weights cost. */
  readonly height: number
  readonly slope: Float64Array
  readonly bend: readonly Float64Array[]
}

// The slope of the likelihood at these weights, and how it bends: the covariance of the cues.
function surveyOf(choices: readonly Choice[], weights: readonly number[], caution: number): Survey {
  const slope = Float64Array.from(weights, (weight) => -caution * weight)
  const bend = weights.map((_, row) => new Float64Array(weights.length).fill(0).fill(caution, row, row + 1))
  let height = weights.reduce((sum, weight) => sum - (caution * weight * weight) / 2, 0)
  for (const choice of choices) {
    const shares = sharesOf(choice, weights)
    const rightShare = choice.reduce((sum, { right }, index) => sum + (right ? (shares[index] ?? 0) : 0), 0)
    height += Math.log(rightShare)
    if (rightShare === 0) continue
    const mean = new Float64Array(weights.length)
    const touched = new Set<number>()
    choice.forEach(({ columns, values, right }, index) => {
      const share = shares[index] ?? 0
      const pull = (right ? share / rightShare : 0) - share
      columns.forEach((column, place) => {
        slope[column] = (slope[column] ?? 0) + pull * (values[place] ?? 0)
      })
      if (share < likelyMin) return
      columns.forEach((column, place) => {
        touched.add(column)
        mean[column] = (mean[column] ?? 0) + share * (values[place] ?? 0)
      })
      addSquare(bend, columns, values, share)
    })
    const kept = [...touched]
    addSquare(
      bend,
      kept,
      kept.map((column) => mean[column] ?? 0),
      -1,
    )
  }
  return { height, slope, bend }
}

function addSquare(
  bend: readonly Float64Array[],
  columns: readonly number[],
  values: readonly number[],
  by: number,
): void {
  columns.forEach((row, place) => {
    const line = bend[row]
    const scale = by * (values[place] ?? 0)
    if (line !== undefined) {
      for (let other = 0; other < columns.length; other++) {
        const column = columns[other] ?? 0
        line[column] = (line[column] ?? 0) + scale * (values[other] ?? 0)
      }
    }
  })
}

// How likely each option is under these weights; together 1.
function sharesOf(choice: Choice, weights: readonly number[]): readonly number[] {
  const scores = choice.map(({ columns, values }) => {
    let score = 0
    for (let place = 0; place < columns.length; place++)
      score += (weights[columns[place] ?? 0] ?? 0) * (values[place] ?? 0)
    return score
  })
  const top = Math.max(...scores)
  const odds = scores.map((score) => Math.exp(score - top))
  const total = odds.reduce((sum, odd) => sum + odd, 0)
  return odds.map((odd) => odd / total)
}
