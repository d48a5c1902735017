// Reads an output of another process line by line. Invariant: everything is passed on in its order, and what has no line breaks does not fill the memory.

import type { Readable } from 'node:stream'

/** A longer line is passed on in parts, in characters. */
const lineLengthMax = 65_536

/** Passes on each line, without its line break; resolves at the end of the output. */
export function readLines(output: Readable | null, pass: (line: string) => void): Promise<void> {
  if (output === null) return Promise.resolve()
  let rest = ''
  output.setEncoding('utf8')
  output.on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) pass(line.endsWith('\r') ? line.slice(0, -1) : line)
    for (; rest.length > lineLengthMax; rest = rest.slice(lineLengthMax)) pass(rest.slice(0, lineLengthMax))
  })
  return new Promise((resolve) => {
    const end = () => {
      if (rest !== '') pass(rest)
      rest = ''
      resolve()
    }
    output.once('end', end)
    output.once('close', end)
    output.once('error', end)
  })
}
