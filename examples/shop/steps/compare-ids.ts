/** Compares two ids by their code units: the same on every machine, unlike a comparison by language. */
export function compareIds(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
