// Solves linear equations. Invariant: the arguments are not changed.

/** The `x` with `matrix · x = right`, by elimination with the largest pivot. Throws if there is no solution, or more than one. */
export function solve(matrix: readonly Float64Array[], right: Float64Array): Float64Array {
  const size = right.length
  const rows = matrix.map((row, index) => Float64Array.from([...row, right[index] ?? 0]))
  const at = (row: number, column: number): number => rows[row]?.[column] ?? 0
  for (let pivot = 0; pivot < size; pivot++) {
    let best = pivot
    for (let row = pivot + 1; row < size; row++) if (Math.abs(at(row, pivot)) > Math.abs(at(best, pivot))) best = row
    const [upper, lower] = [rows[best], rows[pivot]]
    if (upper === undefined || lower === undefined || at(best, pivot) === 0)
      throw new Error('The equations have no single solution.')
    rows[pivot] = upper
    rows[best] = lower
    for (let row = pivot + 1; row < size; row++) {
      const factor = at(row, pivot) / at(pivot, pivot)
      const line = rows[row]
      if (factor === 0 || line === undefined) continue
      for (let column = pivot; column <= size; column++) line[column] = (line[column] ?? 0) - factor * at(pivot, column)
    }
  }
  const solution = new Float64Array(size)
  for (let row = size - 1; row >= 0; row--) {
    let rest = at(row, size)
    for (let column = row + 1; column < size; column++) rest -= at(row, column) * (solution[column] ?? 0)
    solution[row] = rest / at(row, row)
  }
  return solution
}
