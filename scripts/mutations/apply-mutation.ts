// Applies a mutation to the sources of its package. Invariant: code that is not there exactly once is an error, which names the mutation
// and every place where the code was found.
import { createHash } from 'node:crypto'
import type { SourceText } from '../rules/findings.ts'
import { patternOf } from './find-code.ts'
import type { NamedMutation } from './load-mutations.ts'

/** The changed file with its new text. Throws if the mutation does not apply. */
export const applyMutation = (mutation: NamedMutation, sources: readonly SourceText[]): SourceText => {
  const { name, package: owner, find, replace = '' } = mutation
  if (find.trim() === replace.trim()) throw new Error(`${name} changes nothing.`)
  const pattern = patternOf(find)
  const places = sources.flatMap((source) => [...source.text.matchAll(pattern)].map((match) => ({ source, match })))
  const [place] = places
  if (place === undefined) throw new Error(`${name} does not apply: its code was not found in the sources of ${owner}.`)
  if (places.length > 1) {
    const listed = places.map(({ source, match }) => `${source.path}:${lineAt(source.text, match.index)}`).join(', ')
    throw new Error(`${name} does not apply: its code was found ${places.length} times in ${owner}: ${listed}.`)
  }
  const { source, match } = place
  const after = source.text.slice(match.index + match[0].length)
  return { path: source.path, text: `${source.text.slice(0, match.index)}${replace}${after}` }
}

const lineAt = (text: string, index: number): number => text.slice(0, index).split('\n').length

/** A hash of a mutation, twelve characters long. It changes when the mutation's code or its test changes. */
export const fingerprintOf = ({ find, replace = '', test }: NamedMutation): string =>
  createHash('sha256')
    .update(JSON.stringify([find, replace, test]))
    .digest('hex')
    .slice(0, 12)
