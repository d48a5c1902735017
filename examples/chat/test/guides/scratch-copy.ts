// A copy of the chat's services in a folder that git ignores, inside the repository so that imports of its packages resolve. Each copy has its
// own modules, so two versions of the code run in one process. Invariant: a guide changes only a copy.
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Service } from 'tidings'
import type { Files } from './apply-diff.ts'
import { root } from './guide.ts'

const chat = 'examples/chat'

/** The differences between a copy and the repository: new files, deleted files, and lines of changed files. */
export interface Differences {
  readonly added: readonly string[]
  readonly removed: readonly string[]
  readonly changed: Readonly<Record<string, { readonly added: readonly string[]; readonly removed: readonly string[] }>>
}

/** A copy; paths of files are from the repository's root. */
export interface ScratchCopy extends Files {
  readonly folder: string
  /** Imports a module of the copy. */
  load<T>(file: string): Promise<T>
  /** The copy's services by name. */
  services(): Promise<Readonly<Record<string, Service>>>
  differences(): Differences
  remove(): void
}

/** Copies the services of the chat. */
export function copyChat(): ScratchCopy {
  mkdirSync(join(root, '.tidings'), { recursive: true })
  const folder = mkdtempSync(join(root, '.tidings', 'guide-'))
  const place = (file: string) => join(folder, file)
  cpSync(join(root, chat, 'services'), place(`${chat}/services`), { recursive: true })
  const load = <T>(file: string): Promise<T> => import(pathToFileURL(place(file)).href)
  return {
    folder,
    load,
    read: (file) => readFileSync(place(file), 'utf8'),
    write: (file, text) => {
      mkdirSync(dirname(place(file)), { recursive: true })
      writeFileSync(place(file), text)
    },
    services: async () => {
      const { chatServices } = await load<{ chatServices: readonly Service[] }>(`${chat}/services/index.ts`)
      return Object.fromEntries(chatServices.map((service) => [service.name, service]))
    },
    differences: () => compare(join(root, chat), place(chat)),
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }),
  }
}

function compare(original: string, copy: string): Differences {
  const [before, after] = [filesOf(original, 'services'), filesOf(copy, '.')]
  const both = before.filter((file) => after.includes(file))
  const changed = both.flatMap((file) => {
    const [old, present] = [original, copy].map((folder) => readFileSync(join(folder, file), 'utf8').split('\n'))
    const lines = changedLines(old ?? [], present ?? [])
    return lines.added.length + lines.removed.length === 0 ? [] : [[file, lines] as const]
  })
  return {
    added: after.filter((file) => !before.includes(file)),
    removed: before.filter((file) => !after.includes(file)),
    changed: Object.fromEntries(changed),
  }
}

function filesOf(folder: string, under: string): readonly string[] {
  return readdirSync(join(folder, under), { recursive: true, encoding: 'utf8' })
    .map((file) => join(under, file))
    .filter((file) => statSync(join(folder, file)).isFile())
    .sort()
}

// The lines that differ, without the equal lines at the beginning and at the end.
function changedLines(before: readonly string[], after: readonly string[]) {
  let start = 0
  while (start < before.length && start < after.length && before[start] === after[start]) start++
  let end = 0
  const rest = Math.min(before.length, after.length) - start
  while (end < rest && before[before.length - 1 - end] === after[after.length - 1 - end]) end++
  return { added: after.slice(start, after.length - end), removed: before.slice(start, before.length - end) }
}
