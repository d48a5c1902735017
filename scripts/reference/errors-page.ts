// docs/reference/errors.md: every code of the registry with its class of retry, its HTTP status and its hint.
import type { ErrorCode } from 'tidings'
import { errorRegistry } from 'tidings/errors'
import ts from 'typescript'
import { statusOfCode } from '../../packages/http/src/endpoint/status-of-code.ts'
import { parse } from './docstrings.ts'
import { code, page, table } from './markdown.ts'

const registry = 'packages/tidings/src/errors/registry.ts'
const statuses = 'packages/http/src/endpoint/status-of-code.ts'

const retries: readonly (readonly [string, string])[] = [
  ['never', 'The same input would fail again. The event is parked at once.'],
  [
    'backoff',
    'A retry may succeed. The event is retried after growing delays and parked after `attemptsMax` attempts.',
  ],
  ['wait', 'Something has not arrived yet for this key. Only this key waits; attempts are not counted.'],
  ['unavailable', 'An owner, broker or disk is unavailable. The subscription pauses; attempts are not counted.'],
]

/** The sections of the registry: a comment such as `// Input` starts one. */
const sections = (): readonly { readonly title: string; readonly codes: readonly ErrorCode[] }[] => {
  const found: { title: string; codes: ErrorCode[] }[] = []
  const source = parse(registry)
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAssignment(node) && node.name.getText() in errorRegistry) {
      const [comment] = ts.getLeadingCommentRanges(source.text, node.getFullStart()) ?? []
      if (comment !== undefined)
        found.push({ title: source.text.slice(comment.pos, comment.end).replace(/^\/\/ /, ''), codes: [] })
      found.at(-1)?.codes.push(node.name.getText() as ErrorCode)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

/** The page. */
export const errorsPage = (): string =>
  page(
    'Errors',
    [registry, statuses],
    `An operational error is a \`TidingsError\`: \`code\`, \`retry\`, \`hint\`, \`details\`, \`cause\`. If a service rejects
a command, that is not an error: the caller gets a rejection, a value with a code and a message that the service chooses. Anything else that a
handler throws counts as \`HANDLER_FAILED\`.`,
    'The class of an error says whether a retry can help:',
    table(
      ['class', 'what happens to an event if its handler fails with such an error'],
      retries.map(([name, text]) => [code(name), text]),
    ),
    `The column HTTP shows the status that the HTTP API and the control endpoint answer with. An answer with 500 has no details: the log says why the
request failed.`,
    ...sections().flatMap(({ title, codes }) => [
      `## ${title}`,
      table(
        ['code', 'retry', 'HTTP', 'what to do next'],
        codes.map((name) => [
          code(name),
          errorRegistry[name].retry,
          String(statusOfCode[name]),
          errorRegistry[name].hint,
        ]),
      ),
    ]),
  )
