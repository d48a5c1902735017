// Every snippet is compiled. A fenced ```ts block in a Markdown file is an excerpt, which has a line `<!-- from path/of/file.ts -->` above
// it and is in that file word for word, or a module that compiles by itself.
import type { Finding, SourceText } from './findings.ts'

/** A ```ts block: its document, the line where its code begins, its code, and the file it comes from. */
export interface Snippet {
  readonly path: string
  readonly line: number
  readonly code: string
  readonly from: string | undefined
}

/** Every ```ts block of a Markdown text, in order. */
export const snippetsOf = ({ path, text }: SourceText): readonly Snippet[] => {
  const found: Snippet[] = []
  let announced: string | undefined
  let open: { line: number; code: string[] } | undefined
  text.split('\n').forEach((line, index) => {
    if (open !== undefined) {
      if (line.trim() !== '```') open.code.push(line)
      else {
        found.push({ path, line: open.line, code: open.code.join('\n'), from: announced })
        open = undefined
        announced = undefined
      }
    } else if (/^\s*```(ts|typescript)\s*$/.test(line)) open = { line: index + 2, code: [] }
    else if (line.trim() !== '') announced = /^<!-- from (\S+) -->$/.exec(line.trim())?.[1]
  })
  return found
}

const words = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('\n')

/** Excerpts that their file does not contain. A line `// …` marks omitted lines; indentation is ignored. */
export const checkExcerpts = (
  snippets: readonly Snippet[],
  read: (path: string) => string | undefined,
): readonly Finding[] =>
  snippets.flatMap(({ path, line, code, from }) => {
    if (from === undefined) return []
    const source = read(from)
    const rule = 'snippet'
    if (source === undefined) return [{ path, line, rule, message: `${from} does not exist.` }]
    const parts = code
      .split(/^\s*\/\/ …\s*$/m)
      .map(words)
      .filter((part) => part !== '')
    const missing = parts.find((part) => !words(source).includes(part))
    if (missing === undefined) return []
    return [{ path, line, rule, message: `${from} does not contain: ${missing.split('\n')[0]} …` }]
  })
