// Type-checks the repository: the core by itself (no Node types) and everything in one program, side by side.
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '..')
const compiler = createRequire(import.meta.url).resolve('typescript/lib/tsc.js')

const check = (project: string): Promise<boolean> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [compiler, '--project', project, '--pretty'], { cwd: root, stdio: 'inherit' })
    child.on('close', (code) => resolve(code === 0))
  })

const results = await Promise.all([check('packages/tidings'), check('.')])
process.exitCode = results.every(Boolean) ? 0 : 1
