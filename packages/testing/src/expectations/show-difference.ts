// The difference of two texts, line by line: expected lines that are missing, and found lines that were not expected.

const contextLines = 3
const linesMax = 2_000

type Line = { readonly mark: ' ' | '-' | '+'; readonly text: string }

/** The difference of two texts with a few lines around each change; `-` is expected, `+` is what was found. */
export function showDifference(expected: string, found: string): string {
  const lines = compareLines(expected.split('\n'), found.split('\n'))
  return ['- expected', '+ found', '', ...fold(lines)].join('\n')
}

// The longest common subsequence by the textbook table; texts in tests are short, and long ones are cut before.
function compareLines(expected: readonly string[], found: readonly string[]): readonly Line[] {
  const a = expected.slice(0, linesMax)
  const b = found.slice(0, linesMax)
  const width = b.length + 1
  const common = new Uint16Array((a.length + 1) * width)
  const at = (i: number, j: number) => common[i * width + j] ?? 0
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      common[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
    }
  }
  const lines: Line[] = []
  let i = 0
  let j = 0
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ mark: ' ', text: a[i++] as string })
      j++
    } else if (i < a.length && (j >= b.length || at(i + 1, j) >= at(i, j + 1))) {
      lines.push({ mark: '-', text: a[i++] as string })
    } else {
      lines.push({ mark: '+', text: b[j++] as string })
    }
  }
  return lines
}

function fold(lines: readonly Line[]): readonly string[] {
  const changes = lines.flatMap((line, index) => (line.mark === ' ' ? [] : [index]))
  const near = (index: number) => changes.some((change) => Math.abs(change - index) <= contextLines)
  const shown: string[] = []
  let folded = false
  lines.forEach((line, index) => {
    if (near(index)) {
      shown.push(`${line.mark} ${line.text}`)
      folded = false
    } else if (!folded) {
      shown.push('  …')
      folded = true
    }
  })
  return shown
}
