// Prints the services' warnings and errors to standard error, one readable line each. The rest of the log is left out.
import type { LogLine } from 'tidings/ports'

/** A log sink that prints warnings and errors. */
export function printProblem({ level, service, message, fields }: LogLine): void {
  if (level !== 'warn' && level !== 'error') return
  const { subscriber, source, code, error } = fields
  const where = [service, subscriber, source].filter((part) => typeof part === 'string').join(' ← ')
  const why = [code, error].filter((part) => typeof part === 'string').join(': ')
  process.stderr.write(`  ! ${where}: ${message}${why === '' ? '' : ` (${why})`}\n`)
}
