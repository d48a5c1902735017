// The findings of a check: one for each broken rule, printed as `path:line rule: message` so that editors can jump to it.

/** A file of the repository: its path from the root with forward slashes, and its text. */
export interface SourceText {
  readonly path: string
  readonly text: string
}

/** A place that breaks a rule. Lines count from 1; 0 means the whole file. */
export interface Finding {
  readonly path: string
  readonly line: number
  readonly rule: string
  readonly message: string
}

/** Prints findings in a stable order and returns the exit code: 1 if there is any, otherwise 0. */
export const report = (title: string, findings: readonly Finding[], checked: string): 0 | 1 => {
  const sorted = [...findings].sort((a, b) => a.path.localeCompare(b.path) || a.line - b.line)
  for (const { path, line, rule, message } of sorted) {
    console.log(`${path}${line > 0 ? `:${line}` : ''} ${rule}: ${message}`)
  }
  console.log(findings.length === 0 ? `${title}: ${checked}, no findings.` : `${title}: ${findings.length} findings.`)
  return findings.length === 0 ? 0 : 1
}

/** Whether a file is a test or a fixture: the rules for shipped code do not apply to it. */
export const isTest = (path: string): boolean => /\.test(-d)?\.ts$/.test(path) || /^[^/]+\/[^/]+\/test\//.test(path)
