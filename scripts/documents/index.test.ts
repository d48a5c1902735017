// docs/README.md links to every guide, every page of the reference and every page of docs/internals.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { listFiles, root } from '../rules/repository.ts'

const index = readFileSync(path.join(root, 'docs/README.md'), 'utf8')

test.each(listFiles().filter((file) => /^docs\/(guides|reference|internals)\/.*\.md$|^docs\/[a-z-]+\.md$/.test(file)))(
  'the index links to %s',
  (file) => {
    expect(index).toContain(`](${path.posix.relative('docs', file)})`)
  },
)
