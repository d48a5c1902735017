// Finds the word that somebody probably meant.

/** The word with the fewest changed, added or removed letters; `undefined` if that would be half of its letters or more. */
export function nearest(word: string, words: readonly string[]): string | undefined {
  const [best] = words
    .map((other) => ({ other, changes: changesBetween(word, other) }))
    .filter(({ other, changes }) => changes < other.length / 2)
    .sort((a, b) => a.changes - b.changes)
  return best?.other
}

// The Levenshtein distance, row by row.
function changesBetween(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (let i = 1; i <= one.length; i++) {
    const next = [i]
    for (let j = 1; j <= other.length; j++) {
      const same = one[i - 1] === other[j - 1] ? 0 : 1
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + same))
    }
    row = next
  }
  return row[other.length] ?? 0
}
