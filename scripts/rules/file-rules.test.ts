// Each rule for files finds a file that breaks it.
import { expect, test } from 'vitest'
import { checkFiles, longFiles } from './file-rules.ts'

const check = (path: string, text: string): string[] => checkFiles([{ path, text }]).map((found) => found.rule)

test('a plain file passes, and so does a launcher', () => {
  expect(check('packages/a/src/order.ts', '// Orders.\nexport const a = 1\n')).toEqual([])
  expect(check('packages/a/src/order.ts', '/*\n * Orders.\n */\nexport const a = 1\n')).toEqual([])
  expect(check('packages/a/bin/a.js', '#!/usr/bin/env node\n// Starts.\n')).toEqual([])
})

test('a file of 401 lines is refused, unless it is a table of mutations; one of 151 is listed', () => {
  const text = (lines: number): string => `// Long.\n${'a\n'.repeat(lines - 1)}`
  expect(check('a.ts', text(400))).toEqual([])
  expect(check('a.ts', text(401))).toEqual(['length'])
  expect(check('mutations/delivery.ts', text(401))).toEqual([])
  expect(longFiles([{ path: 'a.ts', text: text(150) }])).toEqual([])
  expect(longFiles([{ path: 'a.ts', text: text(151) }])).toEqual([{ path: 'a.ts', lines: 151 }])
})

test.each([
  ['no comment', 'export const a = 1\n'],
  ['a comment after the code', 'export const a = 1 // first\n'],
  ['seven lines of comment', `${'// word\n'.repeat(7)}export const a = 1\n`],
  ['nothing at all', ''],
])('an opening with %s is refused', (_title, text) => {
  expect(check('a.ts', text)).toEqual(['opening'])
})

test.each(['src/utils.ts', 'src/helpers/order.ts', 'src/common.ts', 'src/types.ts', 'src/types.test.ts'])(
  'the name %s is refused',
  (path) => {
    expect(check(path, '// Words.\n')).toEqual(['name'])
  },
)

test('no file may name a path of one machine or a registry', () => {
  const slash = '/'
  expect(check('a.json', `"resolved": "https://registry.${'npmjs'}.org/a"`)).toEqual(['machine'])
  expect(check('a.md', `npm config set x registry.${'corp'}.example`)).toEqual(['machine'])
  expect(check('a.json', `"path": "${slash}home${slash}me"`)).toEqual(['machine'])
  expect(check('a.md', `cd ${slash}root${slash}x`)).toEqual(['machine'])
  expect(check('a.md', 'see ./home/me, https://example.org/work/1, node_modules/root/x')).toEqual([])
})

test('a decision is numbered, and ARCHITECTURE.md is short', () => {
  expect(check('docs/decisions/0001-one-writer.md', '# x\n')).toEqual([])
  expect(check('docs/decisions/README.md', '# x\n')).toEqual([])
  expect(check('docs/decisions/one-writer.md', '# x\n')).toEqual(['name'])
  expect(check('ARCHITECTURE.md', 'x\n'.repeat(201))).toEqual(['length'])
})
