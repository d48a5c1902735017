// Installs the packed packages into an empty folder, as after a release, and uses them there: every public entry is imported and
// type-checked, the command runs, and no tarball contains sources or tests. Node and the compiler are the repository's pinned ones.
import { execFileSync, spawnSync } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { npm, packPackages } from './packing/pack-packages.ts'
import { type Finding, report } from './rules/findings.ts'

const optionalPeers = { '@opentelemetry/api': '1.9.0' }
const folder = mkdtempSync(path.join(tmpdir(), 'tidings-consumer-'))
const findings: Finding[] = []
const refuse = (name: string, message: string): void => {
  findings.push({ path: name, line: 0, rule: 'packed', message })
}

const check = async (): Promise<number> => {
  const packed = await packPackages(path.join(folder, 'tarballs'))
  const dependencies = Object.fromEntries([...packed].map(([name, tarball]) => [name, `file:${tarball}`]))
  const manifest = {
    name: 'consumer',
    private: true,
    type: 'module',
    dependencies: { ...dependencies, ...optionalPeers },
  }
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest))
  npm(folder, 'install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts')

  const entries: string[] = []
  for (const name of packed.keys()) {
    const installed = path.join(folder, 'node_modules', name)
    const { exports } = JSON.parse(readFileSync(path.join(installed, 'package.json'), 'utf8'))
    entries.push(
      ...Object.keys(exports)
        .filter((each) => each !== './package.json')
        .map((each) => path.posix.join(name, each)),
    )
    const unwanted = globSync('**/{*.test.*,src,test,tsconfig.json}', {
      cwd: installed,
      exclude: ['**/node_modules/**', 'templates/**'],
    })
    for (const file of unwanted) refuse(name, `${file} does not belong in a release.`)
    for (const file of ['LICENSE', 'README.md'])
      if (globSync(file, { cwd: installed }).length === 0) refuse(name, `${file} is missing.`)
  }

  const source = entries.map(
    (entry, index) => `import * as e${index} from '${entry}'\nconsole.log('${entry}', Object.keys(e${index}).length)`,
  )
  writeFileSync(path.join(folder, 'use.mts'), `${source.join('\n')}\n`)
  const run = spawnSync(process.execPath, ['use.mts'], { cwd: folder, encoding: 'utf8' })
  if (run.status !== 0) refuse('use.mts', `An entry cannot be imported: ${run.stderr}`)

  const require = createRequire(import.meta.url)
  const nodeTypes = path.dirname(path.dirname(require.resolve('@types/node/package.json')))
  const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024', '--skipLibCheck', 'false']
  const types = ['--typeRoots', nodeTypes, '--types', 'node']
  const compiled = spawnSync(
    process.execPath,
    [require.resolve('typescript/lib/tsc.js'), ...options, ...types, 'use.mts'],
    { cwd: folder, encoding: 'utf8' },
  )
  const ours = compiled.stdout
    .split('\n')
    .filter((line) => /^(use\.mts|node_modules\/(@tidings\/|tidings\/))/.test(line))
  for (const line of ours) refuse('use.mts', `A declaration does not compile: ${line}`)

  const command = path.join(folder, 'node_modules', '@tidings', 'cli', 'bin', 'tidings.js')
  execFileSync(process.execPath, [command, '--version'], { cwd: folder, stdio: 'ignore' })
  return entries.length
}

try {
  const count = await check()
  process.exitCode = report('packed', findings, `${count} public entries installed from tarballs`)
} finally {
  rmSync(folder, { recursive: true })
}
