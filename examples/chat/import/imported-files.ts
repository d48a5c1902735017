// Remembers which files a data folder has imported. Logs may grow: lines at the end of a file, and later days. Anything else would be
// refused line by line, because a command with the same idempotency key would have another input, so it is refused as a whole, at the start.
import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FolderError } from './folder-error.ts'

/** A file as it was when it was imported. */
interface ImportedFile {
  readonly file: string
  readonly bytes: number
  readonly sha256: string
}

type Files = readonly { readonly file: string }[]

const recordIn = (data: string) => join(data, 'imported-files.json')
const hint = 'Import into a new data folder (--data), or give back the files that were imported before.'

/** Checks that the files imported before are there, unchanged up to their old end, and that no earlier day was added. Throws `FolderError`. */
export async function checkImported(data: string, folder: string, files: Files): Promise<void> {
  const text = await readFile(recordIn(data), 'utf8').catch(() => '[]')
  const imported = JSON.parse(text) as readonly ImportedFile[]
  for (const [index, before] of imported.entries()) {
    const found = files[index]?.file
    if (found === undefined || found > before.file)
      throw new FolderError(`${before.file} was imported into ${data}, and is not in ${folder} any more.`, hint)
    if (found < before.file)
      throw new FolderError(`${found} is new in ${folder}, but later days were imported into ${data} before.`, hint)
    const bytes = await readFile(join(folder, found))
    if (bytes.length < before.bytes || digest(bytes.subarray(0, before.bytes)) !== before.sha256)
      throw new FolderError(`${found} was imported into ${data}, and has changed before its old end.`, hint)
  }
}

/** Records that all files were imported. */
export async function noteImported(data: string, folder: string, files: Files): Promise<void> {
  const imported: ImportedFile[] = []
  for (const { file } of files) {
    const bytes = await readFile(join(folder, file))
    imported.push({ file, bytes: bytes.length, sha256: digest(bytes) })
  }
  await mkdir(data, { recursive: true })
  const path = recordIn(data)
  await writeFile(`${path}.new`, JSON.stringify(imported))
  await rename(`${path}.new`, path)
}

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
