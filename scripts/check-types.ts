// Type-checks the repository: the core without Node's types, the packages for web platforms, everything in one program, and the chat's page
// with a browser's types. All four run at the same time.
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

const projects = ['packages/tidings', 'tsconfig.web.json', '.', 'examples/chat/tsconfig.page.json']
const results = await Promise.all(projects.map(check))
process.exitCode = results.every(Boolean) ? 0 : 1
