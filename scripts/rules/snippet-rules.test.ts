// A snippet that differs from its file is found.
import { expect, test } from 'vitest'
import { checkExcerpts, snippetsOf } from './snippet-rules.ts'

const fence = '```'
const markdown = `# Title

<!-- from a.ts -->

${fence}ts
const a = 1
// …
  const c = 3
${fence}

${fence}sh
npm start
${fence}

${fence}ts
export const free = 1
${fence}
`

test('blocks are found with their lines and the files they come from', () => {
  const found = snippetsOf({ path: 'README.md', text: markdown })
  expect(found.map(({ line, from }) => [line, from])).toEqual([
    [6, 'a.ts'],
    [16, undefined],
  ])
})

test('an excerpt must be in its file', () => {
  const found = snippetsOf({ path: 'README.md', text: markdown })
  const check = (text: string | undefined): string[] => checkExcerpts(found, () => text).map(({ message }) => message)
  expect(check('const a = 1\nconst b = 2\nif (b) {\n  const c = 3\n}')).toEqual([])
  expect(check('const a = 1\nconst c = 4')).toEqual(['a.ts does not contain: const c = 3 …'])
  expect(check(undefined)).toEqual(['a.ts does not exist.'])
})
