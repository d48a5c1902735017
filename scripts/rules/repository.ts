// The repository as the checks see it: the files that git knows (tracked, or new and not ignored) and the workspaces.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { SourceText } from './findings.ts'

/** The absolute path of the repository. */
export const root = path.resolve(import.meta.dirname, '../..')

/** The parts of a manifest that checks and packing read. */
export interface Manifest {
  readonly name: string
  readonly version: string
  readonly private?: boolean
  readonly description?: string
  readonly bin?: Readonly<Record<string, string>>
  readonly exports?: Readonly<Record<string, string>>
  readonly files?: readonly string[]
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

/** A workspace: its folder, from the root (`packages/cli`), and its manifest. */
export interface Workspace {
  readonly folder: string
  readonly manifest: Manifest
}

/** Every file that is tracked, or new and not ignored: paths from the root with forward slashes. */
export const listFiles = (): readonly string[] =>
  execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
    .split('\0')
    .filter((file) => file !== '' && existsSync(path.join(root, file)))
    .sort()

/** Reads files of the repository as text. */
export const readFiles = (paths: readonly string[]): readonly SourceText[] =>
  paths.map((file) => ({ path: file, text: readFileSync(path.join(root, file), 'utf8') }))

/** Every workspace among the files listed. */
export const listWorkspaces = (files: readonly string[]): readonly Workspace[] =>
  files
    .filter((file) => /^(packages|drivers|adapters|examples)\/[^/]+\/package\.json$/.test(file))
    .map((file) => ({
      folder: path.posix.dirname(file),
      manifest: JSON.parse(readFileSync(path.join(root, file), 'utf8')) as Manifest,
    }))
