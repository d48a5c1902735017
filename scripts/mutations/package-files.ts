// The files of a package, found by the package's name: its shipped sources and its tests.
import { isTest, type SourceText } from '../rules/findings.ts'
import { listFiles, listWorkspaces, readFiles } from '../rules/repository.ts'

const files = listFiles()
const folders = new Map(listWorkspaces(files).map(({ folder, manifest }) => [manifest.name, folder]))

const filesOf = (name: string): readonly string[] => {
  const folder = folders.get(name)
  if (folder === undefined)
    throw new Error(`There is no package ${name}. The packages are ${[...folders.keys()].join(', ')}.`)
  return files.filter((file) => file.startsWith(`${folder}/`))
}

/** The sources that a package ships: everything in its `src` except tests. */
export const sourcesOf = (name: string): readonly string[] =>
  filesOf(name).filter((file) => /^[^/]+\/[^/]+\/src\/.*\.[cm]?[jt]sx?$/.test(file) && !isTest(file))

const texts = new Map<string, readonly SourceText[]>()

/** These sources with their text; each package is read once. */
export const readSources = (name: string): readonly SourceText[] => {
  const read = texts.get(name) ?? readFiles(sourcesOf(name))
  texts.set(name, read)
  return read
}

/** The tests of a package. */
export const testFilesOf = (name: string): readonly string[] =>
  filesOf(name).filter((file) => file.endsWith('.test.ts'))
