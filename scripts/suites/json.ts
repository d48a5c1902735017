// Sends the files of the public JSON suite (github.com/nst/JSONTestSuite) as bodies of a command: `n_…` must be refused with a problem, `y_…`
// accepted, and `i_…` either. `npx node scripts/suites/json.ts <suite>/test_parsing`
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { openEchoApi } from './echo-api.ts'
import { report, type SuiteCase } from './report.ts'

const [folder = ''] = process.argv.slice(2)
const call = await openEchoApi()

async function failureOf(name: string): Promise<string | undefined> {
  const response = await call('/commands/any', { body: readFileSync(path.join(folder, name)) })
  const { status } = response
  if (status === 200) return name.startsWith('n_') ? 'was accepted' : undefined
  const { code } = (await response.json()) as { code?: string }
  if (status >= 500 || code === undefined) return `was answered with ${status} ${code}`
  return name.startsWith('y_') ? `was refused with ${status} ${code}` : undefined
}

const cases: SuiteCase[] = []
for (const name of readdirSync(folder)
  .filter((each) => each.endsWith('.json'))
  .sort())
  cases.push({ name, failure: await failureOf(name) })
for (const kind of ['n', 'y', 'i'])
  report(
    `JSON, ${kind}_`,
    cases.filter(({ name }) => name.startsWith(`${kind}_`)),
  )
