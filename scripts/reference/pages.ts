// The pages that are generated from the source: docs/reference and the changelog. Invariant: a page depends on the repository only.
import { changelogPage } from './changelog-page.ts'
import { cliPage } from './cli-page.ts'
import { envelopePage } from './envelope-page.ts'
import { errorsPage } from './errors-page.ts'
import { limitsPage } from './limits-page.ts'
import { configurationPage, contextsPage, contractsPage } from './options-page.ts'
import { promisesPage } from './promises-page.ts'

/** Every page: its path from the root, and the function that renders it. */
export const referencePages: readonly (readonly [path: string, render: () => string])[] = [
  ['CHANGELOG.md', changelogPage],
  ['docs/reference/cli.md', cliPage],
  ['docs/reference/configuration.md', configurationPage],
  ['docs/reference/contexts.md', contextsPage],
  ['docs/reference/contracts.md', contractsPage],
  ['docs/reference/envelope.md', envelopePage],
  ['docs/reference/errors.md', errorsPage],
  ['docs/reference/limits.md', limitsPage],
  ['docs/reference/promises.md', promisesPage],
]
