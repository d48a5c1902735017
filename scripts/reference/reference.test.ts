// The reference is written from the source: a page that is out of date fails here; `npm run reference` writes it again.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { errorRegistry } from 'tidings/errors'
import { expect, test } from 'vitest'
import { listFiles, root } from '../rules/repository.ts'
import { errorsPage } from './errors-page.ts'
import { configurationPage, contextsPage, contractsPage } from './options-page.ts'
import { referencePages } from './pages.ts'

test.each(referencePages)('%s is up to date', (file, render) => {
  expect(readFileSync(path.join(root, file), 'utf8'), `${file} is out of date. Run: npm run reference`).toBe(render())
})

test('every code of the registry is on the page of errors once', () => {
  const rows = errorsPage().split('\n')
  for (const code of Object.keys(errorRegistry)) {
    expect(rows.filter((row) => row.startsWith(`| \`${code}\` |`))).toHaveLength(1)
  }
})

const options = [contractsPage, contextsPage, configurationPage].map((render) => render())

test('every option and member of the reference says what it means', () => {
  const rows = options.flatMap((text) => text.split('\n').filter((line) => line.startsWith('| `')))
  expect(rows.filter((row) => / \| {1,2}\|$/.test(row))).toEqual([])
})

test.each(['defineTable', 'fact', 'reject', 'service.query', 'service.projection', 'service.with', 'sql'])(
  'the reference has a section about %s',
  (name) => {
    expect(options.join('\n')).toMatch(new RegExp(`^## \`${name.replace('.', '\\.')}[(\`]`, 'm'))
  },
)

// A document's links to files of the repository.
const linksOf = (text: string): readonly string[] =>
  [...text.matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)[^)]*\)/g)].map(([, target = '']) => target)

const documents = listFiles().filter((file) => file.endsWith('.md'))

test.each(documents)('%s has no broken links', (file) => {
  const links = linksOf(readFileSync(path.join(root, file), 'utf8'))
  const broken = links.filter((link) => !existsSync(path.join(root, path.dirname(file), decodeURI(link))))
  expect(broken).toEqual([])
})

// The files and folders of the repository that a document names as code but that do not exist.
const missingFrom = (file: string): readonly string[] =>
  [
    ...readFileSync(path.join(root, file), 'utf8').matchAll(
      /`((?:packages|drivers|adapters|examples|scripts|docs|bench)\/[^`\s]+)`/g,
    ),
  ]
    .map(([, target = '']) => target)
    .filter((target) => !existsSync(path.join(root, target)))

test.each(['AGENTS.md', 'ARCHITECTURE.md'])('%s names only files and folders that exist', (file) => {
  expect(missingFrom(file)).toEqual([])
})

test('every decision is listed under its own title', () => {
  const folder = path.join(root, 'docs/decisions')
  const list = readFileSync(path.join(folder, 'README.md'), 'utf8')
  for (const file of readdirSync(folder).filter((each) => /^\d{4}-/.test(each))) {
    const [, title = ''] = /^# \d{4}: (.+)$/m.exec(readFileSync(path.join(folder, file), 'utf8')) ?? []
    expect(list).toContain(`- [${file.slice(0, 4)}](${file}) ${title}\n`)
  }
})

test.each(documents.filter((file) => file.startsWith('docs/decisions/')))(
  '%s names only files and folders that exist',
  (file) => {
    expect(missingFrom(file)).toEqual([])
  },
)
