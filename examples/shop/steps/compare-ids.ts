/** Compares two ids by their code units: unlike a comparison by language, the result is the same on every machine. */
export function compareIds(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
