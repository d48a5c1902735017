// The README is short, and its examples are real: the whole file of examples/hello, its output, and its map as the command draws it.
// AGENTS.md is short too.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../rules/repository.ts'

const wordsMax = 900
const example = 'examples/hello/main.ts'
const readme = readFileSync(path.join(root, 'README.md'), 'utf8')
const blocks = [...readme.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language = '', text = '']) => ({
  language,
  text,
}))
const node = (...words: readonly string[]) =>
  execFileSync(process.execPath, words, { cwd: root, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } })

// Counted as `wc -w README.md` counts: code, pictures and outputs included.
test(`the README has at most ${wordsMax} words in all`, () => {
  expect(readme.split(/\s+/).filter((word) => word !== '').length).toBeLessThanOrEqual(wordsMax)
})

test('AGENTS.md has at most sixty lines', () => {
  expect(readFileSync(path.join(root, 'AGENTS.md'), 'utf8').trimEnd().split('\n').length).toBeLessThanOrEqual(60)
})

test('the README shows the whole example, which has at most thirty lines', () => {
  const file = readFileSync(path.join(root, example), 'utf8')
  expect(blocks.filter(({ language }) => language === 'ts').map(({ text }) => text)).toEqual([file])
  expect(file.trimEnd().split('\n').length).toBeLessThanOrEqual(30)
})

test('the output that the README shows is what the example prints', () => {
  const scratch = path.join(root, '.tidings')
  mkdirSync(scratch, { recursive: true })
  const folder = mkdtempSync(path.join(scratch, 'readme-'))
  try {
    cpSync(path.join(root, example), path.join(folder, 'main.ts'))
    const output = node(path.join(folder, 'main.ts'))
    const below = blocks[blocks.findIndex(({ language }) => language === 'ts') + 1]
    expect(below).toEqual({ language: '', text: output })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('the diagram in the README is what the command draws', () => {
  const [, command = ''] = /<!-- npx tidings (.*) -->\n```mermaid\n/.exec(readme) ?? []
  const drawn = node(path.join(root, 'packages/cli/bin/tidings.js'), ...command.split(' '))
  expect(blocks.filter(({ language }) => language === 'mermaid').map(({ text }) => text)).toEqual([drawn])
})
