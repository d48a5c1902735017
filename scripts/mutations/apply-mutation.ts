// Applies a mutation to a text. Invariant: what no longer stands there exactly once is refused by name, never passed over.
import { createHash } from 'node:crypto'
import type { NamedMutation } from './load-mutations.ts'

/** The changed text; throws where the mutation does not apply. */
export const applyMutation = (mutation: NamedMutation, text: string): string => {
  const { name, file, find, replace } = mutation
  const places = text.split(find).length - 1
  if (find === '' || places !== 1)
    throw new Error(`${name} no longer applies: its text stands ${places} times in ${file}, not once.`)
  if (find === replace) throw new Error(`${name} changes nothing.`)
  // A function: "$&" and its like in a replacement mean themselves.
  return text.replace(find, () => replace)
}

/** What a mutation is, in twelve characters: changes when what it does or where it is noticed changes. */
export const fingerprintOf = ({ file, find, replace, test }: NamedMutation): string =>
  createHash('sha256')
    .update(JSON.stringify([file, find, replace, test.file, test.title]))
    .digest('hex')
    .slice(0, 12)
