// Reads the blocks of a guide in order, each with its heading. Tests use these blocks, so guide and test cannot differ.
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** The repository's root. */
export const root = resolve(import.meta.dirname, '../../../..')

/** A fenced block of a guide. */
export interface Block {
  readonly language: string
  /** The heading above it. */
  readonly heading: string
  /** The file it comes from, as a path from the root. */
  readonly from: string | undefined
  /** The guide, and the number of the block's first line in it. */
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
