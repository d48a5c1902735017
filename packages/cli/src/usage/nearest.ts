// Finds the existing name nearest to one that does not exist, for "Did you mean …?".

/** The name that was probably meant; `undefined` if none is near. */
export function nearestName(wanted: string, names: Iterable<string>): string | undefined {
  let best: { name: string; distance: number } | undefined
  for (const name of names) {
    const distance = wanted !== '' && name.startsWith(wanted) ? 0.5 : editDistance(wanted, name)
    if (distance > Math.max(1, Math.floor(Math.max(wanted.length, name.length) * 0.4))) continue
    if (best === undefined || distance < best.distance) best = { name, distance }
  }
  return best?.name
}

/** How many letters to insert, remove, replace or swap with their neighbour (optimal string alignment). */
export function editDistance(from: string, to: string): number {
  const rows: number[][] = [Array.from({ length: to.length + 1 }, (_each, column) => column)]
  for (let row = 1; row <= from.length; row++) {
    const line = [row]
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1] ? 0 : 1
      let least = Math.min(
        (line[column - 1] ?? 0) + 1,
        (rows[row - 1]?.[column] ?? 0) + 1,
        (rows[row - 1]?.[column - 1] ?? 0) + same,
      )
      if (from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1])
        least = Math.min(least, (rows[row - 2]?.[column - 2] ?? 0) + 1)
      line.push(least)
    }
    rows.push(line)
  }
  return rows[from.length]?.[to.length] ?? 0
}
