// A copy of the repository to try mutations in. Invariant: the working tree is only read. In the copy, the repository's packages resolve to
// the copy itself; third-party packages are links to the installed ones.
import {
  cpSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { listFiles, root } from '../rules/repository.ts'

/** A copy. */
export interface ScratchCopy {
  readonly folder: string
  read(file: string): string
  write(file: string, text: string): void
  remove(): void
}

/** Copies every file that git knows and links every installed package. */
export const createScratchCopy = (name: string): ScratchCopy => {
  const folder = path.join(root, '.tidings', 'mutations', name)
  rmSync(folder, { recursive: true, force: true })
  for (const file of listFiles()) cpSync(path.join(root, file), path.join(folder, file))
  linkPackages(path.join(root, 'node_modules'), path.join(folder, 'node_modules'), folder)
  return {
    folder,
    read: (file) => readFileSync(path.join(folder, file), 'utf8'),
    write: (file, text) => writeFileSync(path.join(folder, file), text),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

const linkPackages = (from: string, to: string, copy: string): void => {
  mkdirSync(to, { recursive: true })
  for (const name of readdirSync(from)) {
    const source = path.join(from, name)
    // Caches of tools are valid only in their own tree.
    if (name.startsWith('.') && name !== '.bin') continue
    if (name.startsWith('@') && !lstatSync(source).isSymbolicLink()) linkPackages(source, path.join(to, name), copy)
    else symlinkSync(targetOf(source, copy), path.join(to, name))
  }
}

const targetOf = (installed: string, copy: string): string => {
  const real = realpathSync(installed)
  const inside = path.relative(root, real)
  return inside.startsWith('node_modules') || inside.startsWith('..') ? real : path.join(copy, inside)
}
