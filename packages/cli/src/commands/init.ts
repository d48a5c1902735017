// `tidings init <folder>`: writes a system of two services that runs and passes its own tests.

import path from 'node:path'
import type { Command } from 'commander'
import { writeTemplate } from '../init/write-template.ts'
import type { Invocation } from '../invocation.ts'
import { bold, dim, green, magenta } from '../terminal/text.ts'
import { action, withJson } from './shared-options.ts'

/** Adds the command. */
export function addInit(program: Command, invocation: Invocation): void {
  const command = program
    .command('init')
    .argument('<folder>', 'the folder to write; it must be empty or not exist')
    .description('write a new system of two services, with tests')
  withJson(command).action(action<{ json?: boolean }>(invocation, init))
}

async function init(invocation: Invocation, options: { json?: boolean }, folder = ''): Promise<void> {
  const { terminal, cwd } = invocation
  const target = path.resolve(cwd, folder)
  const files = writeTemplate(target)
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
