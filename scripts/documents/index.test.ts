// docs/README.md leads to every guide, every page of the reference and everything below docs/internals, each once or more.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { listFiles, root } from '../rules/repository.ts'

const index = readFileSync(path.join(root, 'docs/README.md'), 'utf8')

test.each(listFiles().filter((file) => /^docs\/(guides|reference|internals)\/.*\.md$|^docs\/[a-z-]+\.md$/.test(file)))(
  '%s is found from the index',
  (file) => {
    expect(index).toContain(`](${path.posix.relative('docs', file)})`)
  },
)
