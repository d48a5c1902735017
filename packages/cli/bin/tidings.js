#!/usr/bin/env node
// Starts the command. Plain JavaScript that every Node can parse, so that an old Node prints a sentence, not a syntax error.
// Exit code 78 (EX_CONFIG) means that this Node is too old.
const major = Number(process.versions.node.split('.')[0])
if (major < 24) {
  process.stderr.write(
    `tidings needs Node 24 or newer, and this is Node ${process.versions.node}. Install a newer Node and try again.\n`,
  )
  process.exit(78)
}
// In the repository the sources run as they are. A released package has `dist` and no `src`.
const { existsSync } = await import('node:fs')
const source = new URL('../src/main.ts', import.meta.url)
const isReleased = !existsSync(source)
// What Node has compiled is kept beside the packages, which only those can write who can change the packages. If they cannot be written, nothing is kept.
// Coverage is counted exactly only without it.
if (isReleased && process.env.NODE_V8_COVERAGE === undefined) {
  const { enableCompileCache } = await import('node:module')
  const { fileURLToPath } = await import('node:url')
  enableCompileCache(fileURLToPath(new URL('../../../.cache/tidings', import.meta.url)))
}
await import((isReleased ? new URL('../dist/main.js', import.meta.url) : source).href)
