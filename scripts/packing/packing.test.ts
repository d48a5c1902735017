// A release without building one: its manifest, and files named by URL.
import { expect, test } from 'vitest'
import { rewriteFileUrls } from './build-package.ts'
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

test('a source file named by URL ends in .js after the build', () => {
  expect(rewriteFileUrls(`new Worker(new URL('./worker.ts', import.meta.url))`)).toBe(
    `new Worker(new URL('./worker.js', import.meta.url))`,
  )
  expect(rewriteFileUrls(`new URL('./page.html', import.meta.url)`)).toBe(`new URL('./page.html', import.meta.url)`)
})
