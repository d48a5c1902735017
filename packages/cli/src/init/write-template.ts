// Writes a new system into an empty folder. The template is a set of real files, checked like all others; here only the
// name and the versions of the packages are filled in. Invariant: nothing that is there is ever overwritten.

import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { CommandFailure } from '../usage/command-failure.ts'
import { version } from '../version.ts'

const template = fileURLToPath(new URL('../../templates/system', import.meta.url))

/** Writes the template and gives the files' paths within the folder; refuses a folder that is not empty. */
export function writeTemplate(folder: string): readonly string[] {
  checkFolder(folder)
  mkdirSync(folder, { recursive: true })
  cpSync(template, folder, { recursive: true, filter: (from) => !isLeftOver(path.relative(template, from)) })
  // npm leaves a file of this name out of packages.
  renameSync(path.join(folder, 'gitignore'), path.join(folder, '.gitignore'))
  const name = systemName(path.basename(folder))
  fillIn(folder, 'package.json', (text) => withVersions(text, name))
  fillIn(folder, 'tidings.config.ts', (text) => text.replace("name: 'system'", `name: '${name}'`))
  fillIn(folder, 'README.md', (text) => text.replace('# system', `# ${name}`))
  return filesIn(folder)
}

function checkFolder(folder: string): void {
  const stats = statSync(folder, { throwIfNoEntry: false })
  if (stats === undefined) return
  if (!stats.isDirectory())
    throw new CommandFailure('refused', `${folder} is a file.`, 'Name a folder that does not exist yet.')
  const there = readdirSync(folder)
  if (there.length > 0) {
    const shown = there.slice(0, 3).join(', ')
    throw new CommandFailure(
      'refused',
      `${folder} is not empty: it holds ${shown}${there.length > 3 ? ', …' : ''}.`,
      'Name an empty folder, or one that does not exist yet.',
    )
  }
}

function isLeftOver(file: string): boolean {
  return file.split(path.sep).some((part) => part === 'node_modules' || part === '.tidings')
}

function fillIn(folder: string, name: string, fill: (text: string) => string): void {
  const file = path.join(folder, name)
  writeFileSync(file, fill(readFileSync(file, 'utf8')))
}

/** The framework's packages are released together, so the template's are those of this command. */
function withVersions(text: string, name: string): string {
  const manifest = JSON.parse(text)
  manifest.name = name
  for (const part of ['dependencies', 'devDependencies']) {
    for (const dependency of Object.keys(manifest[part]))
      if (dependency === 'tidings' || dependency.startsWith('@tidings/')) manifest[part][dependency] = version
  }
  return `${JSON.stringify(manifest, undefined, 2)}\n`
}

/** A name of the grammar for systems and packages, made of a folder's name. */
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
