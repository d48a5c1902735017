// A release without building one: its manifest, and files named by URL.
import { expect, test } from 'vitest'
import { mapInPackage } from './build-package.ts'
import { startedFiles, urlsFromModule, urlsFromPackage } from './file-urls.ts'
import { releaseManifest } from './release-manifest.ts'

const core = { folder: 'packages/tidings', manifest: { name: 'tidings', version: '1.2.3' } }
const driver = {
  folder: 'drivers/sqlite',
  manifest: {
    name: '@tidings/sqlite',
    version: '1.2.3',
    bin: { tidings: './bin/tidings.js' },
    exports: { '.': './src/index.ts', './schema': './src/schema/index.ts' },
    files: ['templates'],
    scripts: { test: 'x' },
    dependencies: { tidings: '^0.1.0', hono: '4.0.0' },
    devDependencies: { vitest: '1.0.0' },
  },
}

test('exports point to the build, versions are exact, and scripts and devDependencies are left out', () => {
  const manifest = releaseManifest(driver, [core, driver])
  expect(manifest.exports).toEqual({
    '.': { types: './dist/index.d.ts', default: './dist/index.js' },
    './schema': { types: './dist/schema/index.d.ts', default: './dist/schema/index.js' },
    './package.json': './package.json',
  })
  expect(manifest.dependencies).toEqual({ tidings: '1.2.3', hono: '4.0.0' })
  expect(manifest.files).toEqual(['dist', 'bin', 'templates'])
  expect(manifest).not.toHaveProperty('scripts')
  expect(manifest).not.toHaveProperty('devDependencies')
  expect(JSON.stringify(manifest)).not.toContain('src/')
})

test('a URL leads to the same file of the package, wherever the code that names it is after the build', () => {
  const released = (code: string, source: string, module: string) =>
    urlsFromModule(urlsFromPackage(code, source), module)
  const worker = `new Worker(new URL('./worker.ts', import.meta.url))`
  expect(released(worker, 'src/threads/start.ts', 'dist/index.js')).toBe(
    `new Worker(new URL('./threads/worker.js', import.meta.url))`,
  )
  expect(released(worker, 'src/threads/start.ts', 'dist/shared/start.js')).toBe(
    `new Worker(new URL('../threads/worker.js', import.meta.url))`,
  )
  const manifest = `new URL("../package.json", import.meta.url)`
  expect(released(manifest, 'src/version.ts', 'dist/shared/version.js')).toBe(
    `new URL("../../package.json", import.meta.url)`,
  )
})

test('what a source starts by URL begins a module of its own', () => {
  const text = `new Worker(new URL('./worker.ts', import.meta.url)); new URL('./page.html', import.meta.url)`
  expect(startedFiles({ path: 'a/src/threads/start.ts', text })).toEqual(['a/src/threads/worker.ts'])
})

test('a source map names the sources of the package, not the folder in which it was built', () => {
  const map = { version: 3, sources: ['../../../home/me/a/src/ports/store.ts'], mappings: '' }
  expect(JSON.parse(mapInPackage(JSON.stringify(map), 'shared/ports.js.map')).sources).toEqual([
    '../../src/ports/store.ts',
  ])
})
