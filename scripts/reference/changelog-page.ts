// CHANGELOG.md: the unreleased changes, from the pending changesets, then links to the changelogs of the packages. A release moves the
// changesets into those. Invariant: every pending changeset is on the page once, as it was written.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { listFiles, listWorkspaces, root } from '../rules/repository.ts'
import { code, page } from './markdown.ts'

/** A changeset: the packages it names, the largest step it asks for, and its text. */
export interface Changeset {
  readonly packages: readonly string[]
  readonly isMinor: boolean
  readonly text: string
}

const bump = /^['"]?([^'":]+)['"]?: (patch|minor|major)$/

/** Reads the text of a changeset's file. Throws if its head is missing or invalid. */
export const readChangeset = (file: string, text: string): Changeset => {
  const [, head, body] = /^---\n([\s\S]*?)\n---\n([\s\S]*)$/.exec(text) ?? []
  const bumps = head?.split('\n').map((line) => bump.exec(line))
  if (bumps === undefined || body === undefined || bumps.includes(null)) throw new Error(`${file} is not a changeset`)
  const named = bumps.map((match) => match?.slice(1) ?? [])
  return {
    packages: named.map(([name = '']) => name),
    isMinor: named.some(([, step]) => step !== 'patch'),
    text: body.trim(),
  }
}

const entry = ({ packages, text }: Changeset): string =>
  [`- **${packages.map(code).join(', ')}**`, ...text.split('\n').map((line) => line.trim())]
    .map((line, index) => (index === 0 || line === '' ? line : `  ${line}`))
    .join('\n')

const section = (title: string, changesets: readonly Changeset[]): readonly string[] =>
  changesets.length === 0 ? [] : [`### ${title}`, changesets.map(entry).join('\n')]

const pending = (): readonly Changeset[] =>
  readdirSync(path.join(root, '.changeset'))
    .filter((file) => file.endsWith('.md') && file !== 'README.md')
    .sort()
    .map((file) => readChangeset(file, readFileSync(path.join(root, '.changeset', file), 'utf8')))

const released = (): readonly string[] =>
  listWorkspaces(listFiles())
    .map(({ folder }) => `${folder}/CHANGELOG.md`)
    .filter((file) => existsSync(path.join(root, file)))

/** The page. */
export const changelogPage = (): string => {
  const changesets = pending()
  const files = released()
  return page(
    'Changelog',
    ['.changeset'],
    'All packages share one version.',
    '## Unreleased',
    ...section(
      'New',
      changesets.filter(({ isMinor }) => isMinor),
    ),
    ...section(
      'Fixed',
      changesets.filter(({ isMinor }) => !isMinor),
    ),
    '## Released',
    files.length === 0 ? 'Nothing yet.' : files.map((file) => `- [${file}](${file})`).join('\n'),
  )
}
