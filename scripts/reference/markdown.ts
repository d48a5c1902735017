// Small pieces of Markdown. Invariant: a cell never breaks its table, whatever it contains.

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

/** A table with a head. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n')

/** Text as code. */
export const code = (text: string): string => `\`${text}\``

/** A page with a title, the sources it is generated from, and its parts. */
export const page = (title: string, sources: readonly string[], ...parts: readonly string[]): string =>
  [`# ${title}`, `<!-- Written by \`npm run reference\` from ${sources.join(', ')}. -->`, ...parts]
    .join('\n\n')
    .concat('\n')

/** A number with commas between its thousands. */
export const grouped = (number: number): string => number.toLocaleString('en-US')
