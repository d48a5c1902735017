// Warnings and errors of the services, one readable line each on standard error; the rest of their log would only be noise here.
import type { LogLine } from 'tidings/ports'

/** A log sink that tells warnings and errors. */
export function tellTrouble({ level, service, message, fields }: LogLine): void {
  if (level !== 'warn' && level !== 'error') return
  const { subscriber, source, code, error } = fields
  const where = [service, subscriber, source].filter((part) => typeof part === 'string').join(' ← ')
  const why = [code, error].filter((part) => typeof part === 'string').join(': ')
  process.stderr.write(`  ! ${where}: ${message}${why === '' ? '' : ` (${why})`}\n`)
}
