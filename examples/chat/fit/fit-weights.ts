// Finds the weights under which the annotators' choices are most likely: a conditional logit with Newton's method. It uses no randomness:
// the same choices give the same weights.
// See D. McFadden, "Conditional logit analysis of qualitative choice behavior", 1973.
import { solve } from './solve.ts'

/** One choice: its options, at least one of which is right. */
export type Choice = readonly Option[]

/** An option of a choice: the values of its cues, by column, and whether the annotators found it right. */
export interface Option {
  readonly columns: readonly number[]
  readonly values: readonly number[]
  readonly right: boolean
}

/** The most steps, and the length of a step that ends the search: weights are rounded to tenths anyway. */
const stepsMax = 15
const stepMin = 0.02
/** Less likely options are ignored, because they hardly change the gradient (`shareMin`) or its curvature (`bendShareMin`). */
const shareMin = 1e-4
const bendShareMin = 1e-3

/** The weights of each column, searched from `start`. `caution` is the regularisation: the higher, the nearer to 0 they stay. */
export function fitWeights(choices: readonly Choice[], start: readonly number[], caution: number): readonly number[] {
  let at = surveyOf(choices, start, caution)
  for (let step = 0; step < stepsMax; step++) {
    const move = solve(at.bend, at.slope)
    const next = climb(choices, at, move, caution)
    if (next === undefined) break
    at = next
    if (move.every((by) => Math.abs(by) < stepMin)) break
  }
  return at.weights
}

// Takes the whole step, or half of it, or a quarter …, the first that improves the result; `undefined` if none does.
function climb(choices: readonly Choice[], from: Survey, move: Float64Array, caution: number): Survey | undefined {
  for (let length = 1; length > 0.01; length /= 2) {
    const weights = from.weights.map((weight, column) => weight + length * (move[column] ?? 0))
    const survey = surveyOf(choices, weights, caution)
    if (survey.height > from.height) return survey
  }
  return undefined
}

/** The objective function at some weights. */
interface Survey {
  readonly weights: readonly number[]
  /** The value: the log-likelihood of the right options, minus the regularisation. */
  readonly height: number
  /** The gradient. */
  readonly slope: Float64Array
  /** The curvature: the covariance of the cues. */
  readonly bend: readonly Float64Array[]
}

function surveyOf(choices: readonly Choice[], weights: readonly number[], caution: number): Survey {
  const slope = Float64Array.from(weights, (weight) => -caution * weight)
  const bend = weights.map((_, row) => new Float64Array(weights.length).fill(caution, row, row + 1))
  let height = weights.reduce((sum, weight) => sum - (caution * weight * weight) / 2, 0)
  for (const choice of choices) {
    const shares = sharesOf(choice, weights)
    const rightShare = choice.reduce((sum, { right }, index) => sum + (right ? (shares[index] ?? 0) : 0), 0)
    height += Math.log(rightShare)
    if (rightShare === 0) break
    const mean = new Float64Array(weights.length)
    for (const [index, option] of choice.entries()) {
      const share = shares[index] ?? 0
      if (share < shareMin && !option.right) continue
      add(slope, option, (option.right ? share / rightShare : 0) - share)
      if (share < bendShareMin) continue
      add(mean, option, share)
      addSquare(bend, option, share)
    }
    const columns = [...mean.keys()].filter((column) => mean[column] !== 0)
    addSquare(bend, { columns, values: columns.map((column) => mean[column] ?? 0) }, -1)
  }
  return { weights, height, slope, bend }
}

type Sparse = Pick<Option, 'columns' | 'values'>

function add(to: Float64Array, { columns, values }: Sparse, times: number): void {
  for (let place = 0; place < columns.length; place++) {
    const column = columns[place] ?? 0
    to[column] = (to[column] ?? 0) + times * (values[place] ?? 0)
  }
}

function addSquare(to: readonly Float64Array[], sparse: Sparse, times: number): void {
  for (let place = 0; place < sparse.columns.length; place++) {
    const row = to[sparse.columns[place] ?? 0]
    if (row !== undefined) add(row, sparse, times * (sparse.values[place] ?? 0))
  }
}

// The probability of each option; the sum is 1.
function sharesOf(choice: Choice, weights: readonly number[]): Float64Array {
  const shares = new Float64Array(choice.length)
  let top = Number.NEGATIVE_INFINITY
  for (let index = 0; index < choice.length; index++) {
    const { columns = [], values = [] } = choice[index] ?? {}
    let score = 0
    for (let place = 0; place < columns.length; place++) {
      score += (weights[columns[place] ?? 0] ?? 0) * (values[place] ?? 0)
    }
    shares[index] = score
    top = Math.max(top, score)
  }
  let total = 0
  for (let index = 0; index < shares.length; index++) {
    const odds = Math.exp((shares[index] ?? 0) - top)
    shares[index] = odds
    total += odds
  }
  return shares.map((odds) => odds / total)
}
