// Reads the annotation beside a log: which line answers which. Invariant: a link is a pair [earlier, later] of line numbers; a line that
// is paired with itself starts a conversation.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FolderError } from './folder-error.ts'

/** Two lines of a day, of which the later answers the earlier; the same line twice starts a conversation. */
export type Link = readonly [earlier: number, later: number]

/**
 * The first annotated line of a log; all lines before it are context. From here to the end of the annotation, every line has at least one
 * link to an earlier line or to itself, system lines too (nearly all to themselves).
 */
export const annotatedFrom = 1000

const suffix = '.annotation.txt'

/** The annotation of a day (`2010-08-17`), each link once; `undefined` if the log has none. */
export async function readAnnotation(folder: string, day: string): Promise<readonly Link[] | undefined> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new FolderError(`The folder ${folder} cannot be read.`, 'Give the folder of the IRC logs.', { cause })
  })
  const file = names.filter((name) => name.startsWith(day) && name.endsWith(suffix)).sort()[0]
  if (file === undefined) return undefined
  const rows = (await readFile(join(folder, file), 'utf8')).split('\n')
  const links = new Map<string, Link>()
  rows.forEach((row, index) => {
    if (row.trim() === '') return
    const link = readLink(row)
    if (link === undefined) {
      throw new FolderError(
        `Row ${index + 1} of ${file} is not a link: ${JSON.stringify(row)}.`,
        'A row looks like `993 1000 -`.',
      )
    }
    links.set(link.join(' '), link)
  })
  return [...links.values()]
}

/** The annotations of all days that have one, by day. Throws `FolderError` if one of them is malformed. */
export async function readAnnotations(
  folder: string,
  days: readonly { readonly day: string }[],
): Promise<ReadonlyMap<string, readonly Link[]>> {
  const annotations = new Map<string, readonly Link[]>()
  for (const { day } of days) {
    const links = await readAnnotation(folder, day)
    if (links !== undefined) annotations.set(day, links)
  }
  return annotations
}

// The rows have no direction: the earlier line comes first, whichever was written first.
function readLink(row: string): Link | undefined {
  const [, one, other] = /^\s*(\d{1,9})\s+(\d{1,9})(?:\s+-)?\s*$/.exec(row) ?? []
  if (one === undefined || other === undefined) return undefined
  const [a, b] = [Number(one), Number(other)]
  return a <= b ? [a, b] : [b, a]
}
