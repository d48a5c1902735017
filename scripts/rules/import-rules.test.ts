// Each import rule finds an import that breaks it.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checkImports } from './import-rules.ts'
import { layers } from './layers.ts'
import type { Workspace } from './repository.ts'

const workspaces: readonly Workspace[] = [
  {
    folder: 'packages/tidings',
    manifest: {
      name: 'tidings',
      version: '1.0.0',
      exports: { '.': './src/index.ts', './ports': './src/ports/index.ts', './memory': './src/memory/index.ts' },
    },
  },
  {
    folder: 'drivers/sqlite',
    manifest: {
      name: '@tidings/sqlite',
      version: '1.0.0',
      exports: { '.': './src/index.ts' },
      dependencies: { tidings: '1.0.0' },
    },
  },
  {
    folder: 'adapters/node',
    manifest: { name: '@tidings/node', version: '1.0.0', dependencies: { tidings: '1.0.0', hono: '4.0.0' } },
  },
  {
    folder: 'packages/testing',
    manifest: { name: '@tidings/testing', version: '1.0.0', exports: { '.': './src/index.ts' } },
  },
  {
    folder: 'packages/cli',
    manifest: {
      name: '@tidings/cli',
      version: '1.0.0',
      dependencies: { '@tidings/sqlite': '1.0.0' },
      peerDependencies: { '@tidings/testing': '1.0.0' },
    },
  },
  {
    folder: 'packages/http',
    manifest: {
      name: '@tidings/http',
      version: '1.0.0',
      exports: { '.': './src/index.ts', './wire': './src/wire/index.ts' },
      dependencies: { tidings: '1.0.0' },
    },
  },
  {
    folder: 'packages/client',
    manifest: { name: '@tidings/client', version: '1.0.0', dependencies: { '@tidings/http': '1.0.0' } },
  },
  { folder: 'examples/shop', manifest: { name: 'shop', version: '1.0.0' } },
]

const messages = (files: Record<string, string>): string[] =>
  checkImports(
    Object.entries(files).map(([path, text]) => ({ path, text })),
    workspaces,
  ).map(({ path, message }) => `${path}: ${message}`)

const src = 'packages/tidings/src'
const kit = 'packages/testing/src'

test('allowed imports pass', () => {
  const files = {
    [`${src}/index.ts`]: `export * from './runtime/deliver.ts'\nexport * from './memory/store.ts'`,
    [`${src}/services/service.ts`]: `import type { Event } from '../contracts/event.ts'`,
    [`${src}/ports/store.ts`]: `import type { Service } from '../services/service.ts'`,
    [`${src}/runtime/deliver.ts`]: `import type { Store } from '../ports/store.ts'`,
    [`${src}/memory/store.ts`]: `import type { Store } from '../ports/store.ts'`,
    [`${src}/opentelemetry/tracing.ts`]: `import { trace } from '@opentelemetry/api'`,
    [`${src}/operations/redrive.ts`]: `import { deliver } from '../runtime/deliver.ts'`,
    [`${kit}/index.ts`]: `export * from './given/index.ts'`,
    [`${kit}/given/given.ts`]: `import { expectSame } from '../expectations/index.ts'\nimport { x } from './chain.ts'`,
    [`${src}/runtime/deliver.test.ts`]: `import { test } from 'vitest'\nimport { x } from '../memory/store.ts'`,
    'drivers/sqlite/src/sqlite-store.ts': `import { TidingsError } from 'tidings'\nimport type { Store } from 'tidings/ports'\nimport { DatabaseSync } from 'node:sqlite'`,
    'drivers/sqlite/src/sqlite-store.test.ts': `import { memoryDriver } from 'tidings/memory'`,
    'examples/shop/services/orders/service.ts': `import { P } from '../payments/contract.ts'\nimport { eur } from '../words.ts'`,
    'examples/shop/main.ts': `import orders from './services/orders/service.ts'`,
    'adapters/node/src/server.ts': `import { Hono } from 'hono'\nimport { logger } from 'hono/logger'`,
    'packages/http/src/api/api.ts': `import { Problem } from '../wire/problem.ts'`,
    'packages/http/test/api.test.ts': `import { createServer } from 'node:http'`,
    'packages/client/src/client.ts': `import { Problem } from '@tidings/http/wire'`,
  }
  expect(messages(files)).toEqual([])
})

test.each([
  [
    'the HTTP API imports a platform',
    'packages/http/src/api/api.ts',
    `import { createServer } from 'node:http'`,
    'this package runs on every web platform and never imports node:http.',
  ],
  [
    'the client imports a platform',
    'packages/client/src/client.ts',
    `import { setTimeout } from 'node:timers/promises'`,
    'this package runs on every web platform and never imports node:timers/promises.',
  ],
  [
    'the client imports the server',
    'packages/client/src/client.ts',
    `import { createHttpApi } from '@tidings/http'`,
    'the client imports @tidings/http/wire and nothing else of the HTTP API, not @tidings/http.',
  ],
  [
    'the wire format imports the server',
    'packages/http/src/wire/problem.ts',
    `import { statusOfCode } from '../endpoint/status-of-code.ts'`,
    'wire/ is shared with the client and imports nothing of the server, such as ../endpoint/status-of-code.ts.',
  ],
  [
    'contracts import services',
    `${src}/contracts/event.ts`,
    `import type { S } from '../services/s.ts'`,
    'contracts/ may',
  ],
  [
    'services import ports',
    `${src}/services/s.ts`,
    `export type { S } from '../ports/store.ts'`,
    'services/ may import',
  ],
  ['ports import the runtime', `${src}/ports/store.ts`, `import { d } from '../runtime/d.ts'`, 'ports/ may import'],
  ['the runtime imports memory', `${src}/runtime/d.ts`, `import { c } from '../memory/clock.ts'`, 'not memory'],
  ['memory imports the runtime', `${src}/memory/m.ts`, `const d = await import('../runtime/d.ts')`, 'not runtime'],
  ['operations import memory', `${src}/operations/o.ts`, `import { c } from '../memory/clock.ts'`, 'not memory'],
  [
    'a folder imports a layer above it',
    `${kit}/session/s.ts`,
    `import { given } from '../given/given.ts'`,
    'not given',
  ],
  [
    'delivery imports handlers',
    `${src}/runtime/delivery/d.ts`,
    `import { invoke } from '../handlers/invoke-handlers.ts'`,
    'not handlers',
  ],
  [
    'the unit of work imports the core',
    `${src}/runtime/unit-of-work/u.ts`,
    `import type { C } from '../core/c.ts'`,
    'not core',
  ],
  ['folders of one layer', `${kit}/given/g.ts`, `import type { S } from '../simulation/s.ts'`, 'not simulation'],
  [
    'a folder imports the entry of its package',
    `${kit}/given/g.ts`,
    `import { x } from '../index.ts'`,
    'not the entry',
  ],
  [
    'a folder of the test kit without a layer',
    `${kit}/extras/d.ts`,
    `import { x } from '../given/given.ts'`,
    'has no place',
  ],
  ['a folder of the core imports the entry', `${src}/runtime/d.ts`, `import { x } from '../index.ts'`, 'not the entry'],
  [
    'a folder of the core without a layer',
    `${src}/extras/d.ts`,
    `import { x } from '../errors/index.ts'`,
    'has no place',
  ],
  ['the runtime imports node:', `${src}/runtime/d.ts`, `import { Buffer } from 'node:buffer'`, 'never imports node:'],
  ['the runtime imports a driver', `${src}/runtime/d.ts`, `import { s } from '@tidings/sqlite'`, 'has no dependencies'],
  [
    'the core imports a peer in another folder',
    `${src}/ports/t.ts`,
    `type T = import('@opentelemetry/api').Span`,
    'no dependencies',
  ],
  ['the core leaves its sources', `${src}/ports/t.ts`, `import x from '../../../cli/src/x.ts'`, 'leaves the core'],
  ['a driver imports the runtime', 'drivers/sqlite/src/a.ts', `import { x } from 'tidings/memory'`, 'a driver imports'],
  [
    'a driver reaches into the core',
    'drivers/sqlite/src/a.ts',
    `import x from '../../../packages/tidings/src/x.ts'`,
    'leaves',
  ],
  [
    'an adapter uses a private entry',
    'adapters/node/src/a.ts',
    `import x from 'tidings/src/x.ts'`,
    'not a public entry',
  ],
  ['an undeclared dependency', 'adapters/node/src/a.ts', `import { z } from 'zod'`, 'zod is not a dependency'],
  ['an undeclared workspace', 'adapters/node/src/a.ts', `import s from '@tidings/sqlite'`, 'is not a dependency'],
  [
    'a service reads another',
    'examples/shop/services/a/x.ts',
    `import { t } from '../b/tables.ts'`,
    'only the contract of b',
  ],
])('%s', (_title, path, text, message) => {
  expect(messages({ [path]: text })).toEqual([expect.stringContaining(message)])
})

const cli = 'packages/cli/src'

test('the command line loads the test kit when a simulation runs', () => {
  const files = {
    [`${cli}/main.ts`]: `import { addSimulate } from './commands/simulate.ts'`,
    [`${cli}/commands/simulate.ts`]: `import type { Run } from '../simulate/run.ts'\nexport const load = () => import('../simulate/run.ts')`,
    [`${cli}/simulate/run.ts`]: `import { simulate } from '@tidings/testing'`,
    'packages/cli/test/a.test.ts': `import { simulate } from '@tidings/testing'`,
  }
  expect(messages(files)).toEqual([])
})

test.each([
  ['a driver', { [`${cli}/backup.ts`]: `const d = await import('@tidings/sqlite')` }, 'imports no driver'],
  ['the type of a driver', { [`${cli}/backup.ts`]: `import type { D } from '@tidings/sqlite'` }, 'imports no driver'],
  ['the test kit elsewhere', { [`${cli}/map.ts`]: `const t = await import('@tidings/testing')` }, 'simulate/ imports'],
  [
    'the test kit at its start',
    {
      [`${cli}/main.ts`]: `import { addSimulate } from './commands/simulate.ts'`,
      [`${cli}/commands/simulate.ts`]: `import { type Run, run } from '../simulate/run.ts'`,
      [`${cli}/simulate/run.ts`]: `import { simulate } from '@tidings/testing'`,
    },
    'starts without @tidings/testing',
  ],
])('the command line imports %s', (_title, files, message) => {
  expect(messages(files)).toEqual([expect.stringContaining(message)])
})

test('an import cycle is reported once, with every file in it', () => {
  const found = messages({
    [`${src}/ports/a.ts`]: `import type { B } from './b.ts'`,
    [`${src}/ports/b.ts`]: `export { c } from './c.ts'`,
    [`${src}/ports/c.ts`]: `import { a } from './a.ts'`,
    [`${src}/ports/d.ts`]: `import { a } from './a.ts'`,
  })
  expect(found).toEqual([
    `${src}/ports/a.ts: these import each other: ${src}/ports/a.ts, ${src}/ports/b.ts, ${src}/ports/c.ts.`,
  ])
})

test('every folder in the table of layers exists', () => {
  const root = join(import.meta.dirname, '../..')
  const listed = Object.entries(layers).flatMap(([parent, all]) => all.flat().map((folder) => join(parent, folder)))
  expect(listed.filter((folder) => !existsSync(join(root, folder)))).toEqual([])
  expect(new Set(listed).size).toBe(listed.length)
})
