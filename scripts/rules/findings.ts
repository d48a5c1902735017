// What a check says: one finding per broken rule, printed as `path:line rule: sentence` so that editors can jump to it.

/** A file of the repository: its path from the root with forward slashes, and its text. */
export interface SourceText {
  readonly path: string
  readonly text: string
}

/** A rule that does not hold at a place. Lines count from 1; 0 means the file as a whole. */
export interface Finding {
  readonly path: string
  readonly line: number
  readonly rule: string
  readonly message: string
}

/** Prints findings in a stable order and returns the exit code: 1 when there is any, else 0. */
export const report = (title: string, findings: readonly Finding[], checked: string): 0 | 1 => {
  const sorted = [...findings].sort((a, b) => a.path.localeCompare(b.path) || a.line - b.line)
  for (const { path, line, rule, message } of sorted) {
    console.log(`${path}${line > 0 ? `:${line}` : ''} ${rule}: ${message}`)
  }
  console.log(findings.length === 0 ? `${title}: ${checked}, all hold.` : `${title}: ${findings.length} broken.`)
  return findings.length === 0 ? 0 : 1
}

/** Tests, their fixtures and benchmarks stand outside the rules for shipped code. */
export const isTest = (path: string): boolean => /\.test(-d)?\.ts$/.test(path) || /^[^/]+\/[^/]+\/test\//.test(path)
