// `tidings init <folder>`: writes a system of two services that runs and passes its own tests.

import path from 'node:path'
import { type InitEngine, writeTemplate } from '../init/write-template.ts'
import type { Invocation } from '../invocation.ts'
import { bold, dim, green, magenta } from '../terminal/text.ts'

/** Options of `tidings init`. */
export interface InitOptions {
  readonly json?: boolean
  readonly engine?: InitEngine
}

/** Writes the system, and prints what to do next. */
export async function init(invocation: Invocation, options: InitOptions, folder = ''): Promise<void> {
  const { terminal, cwd } = invocation
  const target = path.resolve(cwd, folder)
  const files = writeTemplate(target, options.engine)
  if (options.json === true) {
    terminal.json({ folder: target, files })
    return
  }
  const shown = path.relative(cwd, target) || '.'
  terminal.line([green('✓ '), bold(path.basename(target)), dim(`  ${files.length} files in ${shown}`)])
  terminal.line()
  for (const [command, what] of steps(shown)) terminal.line(['  ', magenta(command.padEnd(28)), dim(what)])
}

const isRelease = import.meta.url.includes('/node_modules/')

function steps(folder: string): readonly (readonly [string, string])[] {
  return [
    ...(folder === '.' ? [] : [[`cd ${folder}`, ''] as const]),
    // Run from the sources, there is no release yet that npm could find.
    isRelease
      ? ['npm install', '']
      : ['npm install <tarballs>/*.tgz', 'the packages, from `npm run pack -- <tarballs>` in the clone'],
    ['npm test', 'tests the system'],
    ['npm run simulate', 'runs it a hundred times with crashes and outages'],
    ['npm run dev', 'runs both services, and restarts when a file changes'],
    ['npx tidings map', 'shows who hears what'],
  ]
}
