// Fits weights to annotated days, and scores them on days they were not fitted to. Invariant: weights that are scored as held out were not
// fitted to that day.
import { type LinkScore, linksOfDay, scoreLinks } from '../import/index.ts'
import type { Cue, Weights } from '../services/threads/linking/weights.ts'
import { type AnnotatedDay, choicesOf, columns } from './choices.ts'
import { fitWeights } from './fit-weights.ts'

/** How often the fit is repeated: the weights depend on what the linker remembers, and that depends on the weights. */
const rounds = 2
/** See `fitWeights`. */
const caution = 1

/** The first guess: every message answers the one before. */
const firstGuess: readonly number[] = columns.map((cue) => (cue === 'latest' ? 1 : 0))

/** The weights under which the annotation of these days is most likely, rounded to tenths. */
export function fitToDays(days: readonly AnnotatedDay[]): Weights {
  let found = firstGuess
  for (let round = 0; round < rounds; round++) {
    const choices = days.flatMap((day) => choicesOf(day, weightsOf(found)))
    found = fitWeights(choices, found, caution)
  }
  return weightsOf(found.map((weight) => Math.round(weight * 10) / 10))
}

/** The score of one day under weights fitted to all the others. */
export function scoreHeldOut(day: AnnotatedDay, days: readonly AnnotatedDay[]): LinkScore {
  return scoreDay(day, fitToDays(days.filter((other) => other !== day)))
}

/** The score of one day under some weights. */
export const scoreDay = (day: AnnotatedDay, weights: Weights): LinkScore =>
  scoreLinks(linksOfDay(day.lines, weights), day.links)

function weightsOf(values: readonly number[]): Weights {
  const entries = columns.map((cue, column): [Cue, number] => [cue, (values[column] ?? 0) + 0])
  // Object.fromEntries loses the names' types; `columns` contains all of them.
  return Object.fromEntries(entries) as Record<Cue, number>
}
