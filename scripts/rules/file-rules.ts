// Rules for a file as text: its length, its opening comment, its name, and no path of one machine.
import type { Finding, SourceText } from './findings.ts'

/** A file with more than `max` lines is refused; one with more than `mentionOver` is listed. */
export const fileLines = { max: 400, mentionOver: 150 } as const

// Tables of mutations may have any length: they are only data and are looked up by name, so splitting one helps nobody.
const isTable = (path: string): boolean => /^mutations\/[^/]+\.ts$/.test(path)

const openingLinesMax = 6
const forbiddenNames = ['util', 'utils', 'helper', 'helpers', 'common', 'types', 'misc', 'shared', 'stuff']
const machineFolders = ['work', 'root', 'home'].join('|')
const machinePath = new RegExp(String.raw`(?<![\w.\-/\]])/(?:${machineFolders})/`)
const registryHost = new RegExp(
  [String.raw`npmjs\.(?:org|com)`, String.raw`\bregistry\.[a-z][a-z-]*\.[a-z]+`].join('|'),
)

const isSource = (path: string): boolean => /\.[cm]?[jt]sx?$/.test(path)

const countLines = (text: string): number => text.split('\n').length - (text.endsWith('\n') ? 1 : 0)

const checkOpening = (text: string): string | undefined => {
  const lines = text.split('\n').filter((line, index) => !(index === 0 && line.startsWith('#!')))
  const opening = /^\/\*[\s\S]*?\*\//.exec(lines.join('\n'))?.[0].split('\n').length
  const count = opening ?? lines.findIndex((line) => !line.startsWith('//'))
  if (count === 0) return 'begin the file with a comment: its purpose and its invariant.'
  if (count > openingLinesMax) return `the opening comment has ${count} lines; the limit is ${openingLinesMax}.`
  return undefined
}

const checkName = (path: string): string | undefined => {
  const parts = path.split('/').map((part) => part.replace(/\..*$/, ''))
  const bad = parts.find((part) => forbiddenNames.includes(part))
  return bad === undefined ? undefined : `"${bad}" says nothing; name the file after its subject.`
}

const checkMachine = (line: string): string | undefined => {
  if (registryHost.test(line)) return 'names the host of a package registry.'
  if (machinePath.test(line)) return 'names an absolute path of one machine.'
  return undefined
}

/** Source files with more than `mentionOver` lines, longest first. */
export const longFiles = (files: readonly SourceText[]): readonly { path: string; lines: number }[] =>
  files
    .filter(({ path }) => isSource(path) && !isTable(path))
    .map(({ path, text }) => ({ path, lines: countLines(text) }))
    .filter(({ lines }) => lines > fileLines.mentionOver)
    .sort((a, b) => b.lines - a.lines)

/** Every file that is too long, has no opening comment, has a name that says nothing, or names a path of one machine. */
export const checkFiles = (files: readonly SourceText[]): readonly Finding[] => {
  const findings: Finding[] = []
  for (const { path, text } of files) {
    const add = (rule: string, line: number, message: string | undefined): void => {
      if (message !== undefined) findings.push({ path, line, rule, message })
    }
    if (isSource(path)) {
      const lines = countLines(text)
      const tooLong = lines > fileLines.max && !isTable(path)
      add('length', 0, tooLong ? `has ${lines} lines; the limit is ${fileLines.max}.` : undefined)
      add('opening', 1, checkOpening(text))
      add('name', 0, checkName(path))
    }
    if (path === 'ARCHITECTURE.md' && countLines(text) > 200) add('length', 0, 'has more than 200 lines.')
    if (/^docs\/decisions\/(?!README\.md$|\d{4}-[a-z0-9-]+\.md$)/.test(path))
      add('name', 0, 'name a decision NNNN-title.md.')
    text.split('\n').forEach((line, index) => {
      add('machine', index + 1, checkMachine(line))
    })
  }
  return findings
}
