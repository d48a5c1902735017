// The lines of a stack that are in your own code, with paths from the current folder. Lines in packages, in Node and in Tidings are left
// out: what you can change is in your code.

import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const framesMax = 6

/** `placeOrder (orders/place-order.ts:12:9)`, of each line in your own code, innermost first; with a folder of `null`, paths are absolute. */
export function userFrames(stack: readonly string[], folder: string | null = process.cwd()): readonly string[] {
  const frames: string[] = []
  for (const line of stack) {
    const [, called = '', place = '', position = ''] =
      /^\s*at (?:(.*) \()?(?:async )?((?:file:\/\/)?\/.*?|[A-Za-z]:\\.*?)(:\d+(?::\d+)?)\)?$/.exec(line) ?? []
    if (place === '') continue
    const file = place.startsWith('file:') ? fileURLToPath(place) : place
    if (file.includes(`${path.sep}node_modules${path.sep}`) || isTidings(path.dirname(file))) continue
    const near = folder === null ? file : path.relative(folder, file)
    const shown = `${near.startsWith('..') ? file : near}${position}`
    // A function without a name is called by the name of the member that holds it.
    const name = called.replace(/^async /, '').replace(/^Object\..*/, '')
    frames.push(name === '' ? shown : `${name} (${shown})`)
    if (frames.length === framesMax) break
  }
  return frames
}

const known = new Map<string, boolean>()

// Whether a folder is in a package of Tidings itself, as in its own repository.
function isTidings(folder: string): boolean {
  const answer = known.get(folder)
  if (answer !== undefined) return answer
  const manifest = path.join(folder, 'package.json')
  const parent = path.dirname(folder)
  const is = existsSync(manifest) ? isOurs(manifest) : parent !== folder && isTidings(parent)
  known.set(folder, is)
  return is
}

function isOurs(manifest: string): boolean {
  try {
    const { name } = JSON.parse(readFileSync(manifest, 'utf8')) as { name?: string }
    return name === 'tidings' || name?.startsWith('@tidings/') === true
  } catch {
    return false
  }
}
