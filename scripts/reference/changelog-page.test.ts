// A changeset is read as it was written, and any other file is refused by its name.
import { expect, test } from 'vitest'
import { readChangeset } from './changelog-page.ts'

test('a changeset names its packages, with quotes of either kind, and its largest step', () => {
  const text = `---\n"tidings": patch\n'@tidings/cli': minor\n---\n\nA redrive keeps\nthe order of a key.\n`
  expect(readChangeset('a.md', text)).toEqual({
    packages: ['tidings', '@tidings/cli'],
    isMinor: true,
    text: 'A redrive keeps\nthe order of a key.',
  })
  expect(readChangeset('b.md', `---\n'tidings': patch\n---\n\nFixed.\n`)).toMatchObject({ isMinor: false })
})

test.each(['no head', `---\n"tidings": huge\n---\n\nText.\n`])('%j is not a changeset', (text) => {
  expect(() => readChangeset('c.md', text)).toThrow('c.md is not a changeset')
})
