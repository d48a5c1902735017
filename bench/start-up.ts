// `npm run bench -- --start-up`: how long the packed command takes to start, beside an empty program, and what of that its parts cost. It packs the
// packages, installs them as after a release, and measures on a system of the template. Invariant: all figures of a table come from the same turns.

import { spawnSync } from 'node:child_process'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { npm, packPackages } from '../scripts/packing/pack-packages.ts'
import { makeFolder, removeFolder } from './harness/folders.ts'
import { measuredWith } from './harness/machine.ts'
import { dealWithAnOrder, startDev } from './harness/template-system.ts'
import { median } from './harness/timing.ts'

interface Started {
  readonly wallMs: number
  readonly cpuMs: number
}

// The process writes its own CPU time, that of its threads included, to the descriptor 3 when it ends.
const counting = `data:text/javascript,${encodeURIComponent(
  "import { writeSync } from 'node:fs'; process.on('exit', () => writeSync(3, JSON.stringify(process.cpuUsage())))",
)}`

function start(cwd: string, args: readonly string[]): Started {
  const begin = performance.now()
  const ended = spawnSync(process.execPath, ['--import', counting, ...args], {
    cwd,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  })
  const wallMs = performance.now() - begin
  if (ended.status !== 0) throw new Error(`${args.join(' ')} exited with ${ended.status}: ${ended.stderr}`)
  const { user, system } = JSON.parse(String(ended.output[3])) as NodeJS.CpuUsage
  return { wallMs, cpuMs: (user + system) / 1_000 }
}

const empty = 'node -e 0'

/** The parts of a start, each loaded alone. */
const parts = ['commander', 'tidings', 'tidings/runtime', '@tidings/http', '@tidings/node', '@tidings/sqlite', 'zod']

/** Measures and prints. */
export async function measureStartUp({ runs }: { readonly runs: number }): Promise<void> {
  const folder = makeFolder()
  try {
    const system = await install(folder)
    const bin = path.join(folder, 'node_modules', '@tidings', 'cli', 'bin', 'tidings.js')
    const programs: Record<string, readonly string[]> = {
      [empty]: ['-e', '0'],
      'tidings --help': [bin, '--help'],
      'tidings status': [bin, 'status'],
      ...Object.fromEntries(
        parts.map((part) => [`import '${part}'`, ['--input-type=module', '-e', `import '${part}'`]]),
      ),
    }
    const figures = new Map<string, Started[]>(Object.keys(programs).map((name) => [name, []]))
    const firstOrders: number[] = []
    for (let turn = 0; turn <= runs; turn++) {
      const begin = performance.now()
      const dev = await startDev(bin, system)
      try {
        await dealWithAnOrder(dev.http, `order-${turn}`)
        const firstOrderMs = performance.now() - begin
        // The first turn fills the caches, of Node and of the disk.
        if (turn > 0) firstOrders.push(firstOrderMs)
        for (const [name, args] of Object.entries(programs)) {
          const started = start(system, args)
          if (turn > 0) figures.get(name)?.push(started)
        }
      } finally {
        await dev.end()
      }
    }
    print(runs, figures, firstOrders)
  } finally {
    removeFolder(folder)
  }
}

async function install(folder: string): Promise<string> {
  const root = path.join(import.meta.dirname, '..')
  const packed = await packPackages(path.join(folder, 'tarballs'))
  const { zod } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')).devDependencies
  const own = Object.fromEntries([...packed].map(([name, tarball]) => [name, `file:${tarball}`]))
  writeFileSync(
    path.join(folder, 'package.json'),
    JSON.stringify({ private: true, type: 'module', dependencies: { ...own, zod } }),
  )
  npm(folder, 'install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts')
  const system = path.join(folder, 'system')
  cpSync(path.join(root, 'packages/cli/templates/system'), system, { recursive: true })
  return system
}

function print(runs: number, figures: ReadonlyMap<string, readonly Started[]>, firstOrders: readonly number[]): void {
  const { date, node, machine, load } = measuredWith(runs)
  console.log(`${date}, Node ${node}, ${machine}, load ${load.toFixed(1)} at the end; medians of ${runs} turns\n`)
  console.log(`${'start'.padEnd(40)}${'wall ms'.padStart(10)}${'CPU ms'.padStart(10)}${'more CPU'.padStart(10)}`)
  const cpuOf = (name: string) => median((figures.get(name) ?? []).map(({ cpuMs }) => cpuMs))
  for (const [name, all] of figures) {
    const wall = median(all.map(({ wallMs }) => wallMs))
    const more = name === empty ? '' : `+${(cpuOf(name) - cpuOf(empty)).toFixed(0)}`
    console.log(
      `${name.padEnd(40)}${wall.toFixed(0).padStart(10)}${cpuOf(name).toFixed(0).padStart(10)}${more.padStart(10)}`,
    )
  }
  console.log(`${'tidings dev, until an order is handled'.padEnd(40)}${median(firstOrders).toFixed(0).padStart(10)}`)
}
