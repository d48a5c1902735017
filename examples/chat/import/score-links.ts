// Scores links against an annotation. Invariant: the order of links and repeated links make no difference.
import { annotatedFrom, type Link } from './annotation.ts'

/** How well links match an annotation. */
export interface LinkScore {
  /** The number of links that were found, that are annotated, and that are both. */
  readonly predicted: number
  readonly annotated: number
  readonly agreed: number
  /** The share of the found links that are annotated, 0 to 1. */
  readonly precision: number
  /** The share of the annotated links that were found, 0 to 1. */
  readonly recall: number
  /** The harmonic mean of both, 0 to 1. */
  readonly f1: number
}

/**
 * Scores links as sets of pairs, including conversation starts, over the pairs whose later line is annotated (`annotatedFrom`):
 * the link precision, recall and F1 of Kummerfeld et al. 2019, "A Large-Scale Corpus for Conversation Disentanglement"
 * (https://aclanthology.org/P19-1374). If a line has several links, each counts, so one guess per line cannot reach a recall of 1.
 */
export function scoreLinks(predicted: readonly Link[], annotated: readonly Link[]): LinkScore {
  const [found, known] = [keysOf(predicted), keysOf(annotated)]
  return scoreOf(found.size, known.size, found.intersection(known).size)
}

/** The score of several days together: every link counts the same. */
export function addScores(scores: readonly LinkScore[]): LinkScore {
  const sum = (count: (score: LinkScore) => number): number => scores.reduce((total, score) => total + count(score), 0)
  return scoreOf(
    sum(({ predicted }) => predicted),
    sum(({ annotated }) => annotated),
    sum(({ agreed }) => agreed),
  )
}

const keysOf = (links: readonly Link[]): Set<string> =>
  new Set(
    links
      .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)
      .filter(([, later]) => later >= annotatedFrom)
      .map((link) => link.join(' ')),
  )

function scoreOf(predicted: number, annotated: number, agreed: number): LinkScore {
  const share = (of: number): number => (of === 0 ? 0 : agreed / of)
  const f1 = predicted + annotated === 0 ? 0 : (2 * agreed) / (predicted + annotated)
  return { predicted, annotated, agreed, precision: share(predicted), recall: share(annotated), f1 }
}
