// Packs every workspace that is published. Each is built in a temporary folder outside the repository (`dist`, the launcher, README,
// LICENSE and the manifest of the release), so that two runs never share files.
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { listFiles, listWorkspaces, root, type Workspace } from '../rules/repository.ts'
import { buildPackage } from './build-package.ts'
import { releaseManifest } from './release-manifest.ts'

/** Runs npm in a folder and returns its output. Throws if npm fails. */
export const npm = (folder: string, ...args: readonly string[]): string =>
  execFileSync('npm', [...args, '--loglevel=error'], {
    cwd: folder,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })

const stageBesideDist = (own: Workspace, all: readonly Workspace[], staged: string): void => {
  const folder = path.join(root, own.folder)
  const copy = (name: string, from: string): void =>
    cpSync(path.join(from, name), path.join(staged, name), { recursive: true })
  const launchers = own.manifest.bin === undefined ? [] : ['bin']
  for (const name of [...launchers, ...(own.manifest.files ?? [])]) copy(name, folder)
  copy('README.md', existsSync(path.join(folder, 'README.md')) ? folder : root)
  copy('LICENSE', root)
  writeFileSync(path.join(staged, 'package.json'), `${JSON.stringify(releaseManifest(own, all), undefined, 2)}\n`)
}

/** Packs everything into `destination`; returns each package's name and the path of its tarball. */
export const packPackages = async (destination: string): Promise<ReadonlyMap<string, string>> => {
  mkdirSync(destination, { recursive: true })
  const files = listFiles()
  const all = listWorkspaces(files)
  const packed = new Map<string, string>()
  for (const own of all.filter(({ manifest }) => manifest.private !== true)) {
    const staged = mkdtempSync(path.join(tmpdir(), 'tidings-pack-'))
    try {
      await buildPackage(own, files, path.join(staged, 'dist'))
      stageBesideDist(own, all, staged)
      const name = npm(staged, 'pack', '--ignore-scripts', '--pack-destination', destination).trim()
      packed.set(own.manifest.name, path.join(destination, name))
    } finally {
      rmSync(staged, { recursive: true })
    }
  }
  return packed
}
