// Reads a guide as a person does: its blocks in order, each under its heading. What a test does with them is what the guide says, so the
// two can't drift.
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** The repository's root. */
export const root = resolve(import.meta.dirname, '../../../..')

/** A fenced block of a guide. */
export interface Block {
  readonly language: string
  /** The heading that it stands under. */
  readonly heading: string
  /** The file that it says it is from, as a path from the root. */
  readonly from: string | undefined
  /** Where it is: the guide, and the number of the block's first line in it. */
  readonly guide: string
  readonly line: number
  readonly lines: readonly string[]
}

/** The blocks of a guide in `docs/guides`, in order. */
export function readGuide(name: string): readonly Block[] {
  const guide = `docs/guides/${name}`
  const blocks: Block[] = []
  let heading = ''
  let from: string | undefined
  let open: { language: string; line: number; lines: string[] } | undefined
  readFileSync(join(root, guide), 'utf8')
    .split('\n')
    .forEach((text, index) => {
      if (open !== undefined) {
        if (text !== '```') open.lines.push(text)
        else {
          blocks.push({ ...open, heading, from, guide })
          open = undefined
          from = undefined
        }
        return
      }
      const [, language] = /^```(\w+)$/.exec(text) ?? []
      if (language !== undefined) open = { language, line: index + 2, lines: [] }
      else if (text.startsWith('#')) heading = text.replace(/^#+ /, '')
      else if (text !== '') from = /^<!-- from (\S+) -->$/.exec(text)?.[1]
    })
  return blocks
}
