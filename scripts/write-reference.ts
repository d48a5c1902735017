// Writes docs/reference and CHANGELOG.md from the source: `npm run reference`. A test fails if a page is out of date.
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { referencePages } from './reference/pages.ts'
import { root } from './rules/repository.ts'

for (const [file, render] of referencePages) {
  mkdirSync(path.join(root, path.dirname(file)), { recursive: true })
  writeFileSync(path.join(root, file), render())
  console.log(file)
}
