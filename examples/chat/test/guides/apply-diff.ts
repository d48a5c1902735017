// Applies a guide's diffs strictly: the old lines of a hunk must be in the file, line for line, in exactly one place.
// Invariant: a hunk that does not match changes nothing, and the error names the file and the guide's line.
import type { Block } from './guide.ts'

/** The files that a diff is applied to. */
export interface Files {
  read(file: string): string
  write(file: string, text: string): void
}

interface Hunk {
  readonly file: string
  readonly lines: { readonly number: number; readonly text: string }[]
}

/** Applies a ```diff block: `--- file` and `+++ file`, then hunks that each begin with `@@` and need no line numbers. */
export function applyDiff(block: Block, files: Files): void {
  for (const hunk of hunksOf(block)) applyHunk(block, hunk, files)
}

function hunksOf({ guide, line, lines }: Block): readonly Hunk[] {
  const hunks: Hunk[] = []
  let file: string | undefined
  lines.forEach((text, index) => {
    const number = line + index
    if (text.startsWith('--- ') || text.startsWith('+++ ')) file = text.slice(4)
    else if (file === undefined) throw new Error(`${guide}:${number}: The diff does not begin with the name of a file.`)
    else if (text.startsWith('@@')) hunks.push({ file, lines: [] })
    else if (hunks.at(-1)?.file !== file) throw new Error(`${guide}:${number}: The hunk does not begin with @@.`)
    else hunks.at(-1)?.lines.push({ number, text: text === '' ? ' ' : text })
  })
  return hunks
}

function applyHunk({ guide, line }: Block, { file, lines }: Hunk, files: Files): void {
  const before = lines.filter(({ text }) => !text.startsWith('+'))
  if (before.length === 0) throw new Error(`${guide}:${line}: The hunk for ${file} has no old lines to find its place.`)
  const after = lines.filter(({ text }) => !text.startsWith('-')).map(({ text }) => text.slice(1))
  const present = files.read(file).split('\n')
  // The number of lines of the hunk that match at each place.
  const fits = present.map((_, place) => {
    const end = before.findIndex(({ text }, index) => present[place + index] !== text.slice(1))
    return end === -1 ? before.length : end
  })
  const places = fits.flatMap((count, place) => (count === before.length ? [place] : []))
  const [place] = places
  if (place === undefined) {
    const wrong = before[Math.max(0, ...fits)]
    throw new Error(
      `${guide}:${wrong?.number ?? line}: The hunk does not match ${file}, which does not contain: ${wrong?.text.slice(1)}`,
    )
  }
  if (places.length > 1) {
    const at = places.map((each) => each + 1).join(', ')
    throw new Error(`${guide}:${lines[0]?.number ?? line}: The hunk matches ${file} in several places: lines ${at}`)
  }
  files.write(file, present.toSpliced(place, before.length, ...after).join('\n'))
}
