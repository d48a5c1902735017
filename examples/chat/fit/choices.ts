// The choices of the linker on annotated days, with the annotators' choices: the data that weights are fitted to. Invariant: the memory
// contains the linker's own decisions under the given weights, mistakes included, as it does in use.
import { annotatedFrom, type ChatDay, heardOf, type Link } from '../import/index.ts'
import { type Candidate, candidatesOf, choose } from '../services/threads/linking/candidates.ts'
import { remembered } from '../services/threads/linking/link-message.ts'
import { emptyMemory, type Memory, remember } from '../services/threads/linking/memory.ts'
import { situationOf } from '../services/threads/linking/situation.ts'
import { type Cue, weights as known, type Weights } from '../services/threads/linking/weights.ts'
import type { Choice, Option } from './fit-weights.ts'

/** A day with its annotated links. */
export interface AnnotatedDay extends ChatDay {
  readonly links: readonly Link[]
}

/** The cues in the order of their columns. */
export const columns = Object.keys(known).filter((name): name is Cue => name in known)

const columnOf = new Map<string, number>(columns.map((cue, column) => [cue, column]))

/** The choices of a day, under weights that decide what is remembered. Choices without a right candidate are left out. */
export function choicesOf(day: AnnotatedDay, weights: Weights): readonly Choice[] {
  const right = new Set(day.links.map((link) => link.join(' ')))
  const choices: Choice[] = []
  let memory: Memory = emptyMemory
  for (const line of day.lines) {
    const heard = heardOf(line)
    if (heard === undefined) continue
    const situation = situationOf(memory, heard)
    const candidates = candidatesOf(situation)
    if (line.line >= annotatedFrom) {
      const choice = candidates.map((one) => optionOf(one, right.has(`${one.answers ?? line.line} ${line.line}`)))
      if (choice.some((option) => option.right)) choices.push(choice)
    }
    memory = remember(memory, remembered(situation, choose(candidates, weights)?.answers))
  }
  return choices
}

const optionOf = ({ cues }: Candidate, right: boolean): Option => ({
  columns: Object.keys(cues).map((cue) => columnOf.get(cue) ?? 0),
  values: Object.values(cues),
  right,
})
