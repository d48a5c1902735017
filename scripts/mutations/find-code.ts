// Finds code by its tokens. Invariant: indentation, line breaks and trailing commas make no difference; everything else does.

const isWord = (token: string): boolean => /^[\w$]/.test(token)
const isCloser = (token: string | undefined): boolean => token !== undefined && /^[)\]}]$/.test(token)
const escaped = (token: string): string => token.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')

/** A pattern that matches the code wherever it occurs. Throws if the code is empty. */
export const patternOf = (code: string): RegExp => {
  const tokens = (code.match(/[\w$]+|[^\s\w$]/gu) ?? []).filter(
    (token, index, all) => !(token === ',' && isCloser(all[index + 1])),
  )
  const [first, last] = [tokens[0], tokens.at(-1)]
  if (first === undefined || last === undefined) throw new Error('The code to find is empty.')
  const parts = tokens.slice(1).map((token, index) => {
    if (isCloser(token)) return `\\s*,?\\s*${escaped(token)}`
    return `${isWord(token) && isWord(tokens[index] ?? '') ? '\\s+' : '\\s*'}${escaped(token)}`
  })
  const start = isWord(first) ? '(?<![\\w$])' : ''
  const end = isWord(last) ? '(?![\\w$])' : ''
  return new RegExp(`${start}${[escaped(first), ...parts].join('')}${end}`, 'gu')
}
