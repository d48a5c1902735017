// docs/reference/cli.md: every command with its arguments and options, from the command line itself, and the exit codes.
import type { Command } from 'commander'
import { createProgram } from '../../packages/cli/src/program.ts'
import { createTerminal } from '../../packages/cli/src/terminal/terminal.ts'
import { exitCodes } from '../../packages/cli/src/usage/exit-codes.ts'
import { memberTexts } from './docstrings.ts'
import { code, page, table } from './markdown.ts'

const program = 'packages/cli/src/program.ts'
const codes = 'packages/cli/src/usage/exit-codes.ts'

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`

const argumentText = (command: Command): string =>
  command.registeredArguments
    .map((argument) => (argument.required ? `<${argument.name()}>` : `[${argument.name()}]`))
    .join(' ')

/** Options that nearly every command takes: described once. */
const everywhere = ['--config', '--data', '--json']

/** Text outside code, where Markdown would read angle brackets as HTML. */
const plain = (text: string): string => text.replaceAll('<', '&lt;')

const rowsOf = (command: Command): readonly (readonly string[])[] => [
  ...command.registeredArguments.map((argument) => [
    code(argument.required ? `<${argument.name()}>` : `[${argument.name()}]`),
    plain(argument.description),
  ]),
  ...command.options
    .filter(({ long }) => !everywhere.includes(long ?? ''))
    .map(({ flags, description, argChoices, defaultValue, mandatory }) => {
      const more = [
        ...(argChoices === undefined ? [] : [`one of ${argChoices.join(', ')}`]),
        ...(defaultValue === undefined ? [] : [`default ${String(defaultValue)}`]),
        ...(mandatory ? ['must be given'] : []),
      ]
      return [code(flags), plain(more.length === 0 ? description : `${description} (${more.join('; ')})`)]
    }),
]

const sectionsOf = (command: Command, above: string): readonly string[] => {
  const name = `${above} ${command.name()}`
  const rows = rowsOf(command)
  const own = [
    `## ${code([name, argumentText(command)].filter((part) => part !== '').join(' '))}`,
    sentence(command.description()),
  ]
  if (rows.length > 0) own.push(table(['', 'meaning'], rows))
  return [own.join('\n\n'), ...command.commands.flatMap((inner) => sectionsOf(inner, name))]
}

/** The page. */
export const cliPage = (): string => {
  const { stdout, stderr } = process
  const made = createProgram({
    terminal: createTerminal({ stdout, stderr, env: {} }),
    cwd: '.',
    env: {},
    interrupted: new AbortController().signal,
    outliveReaders: () => {},
  })
  const meanings = memberTexts(codes, 'exitCodes')
  return page(
    'The command line',
    [program, codes],
    `${sentence(made.description().replace(/\.$/, ''))} It operates a running system through the control endpoints of the system's
processes. If a service is not running, the command opens its store. If you pass an unknown command or option, the command refuses it and names the
nearest one. Every command about a system takes \`--config <path>\` (the configuration file, or its folder; default: the current folder) and
\`--data <folder>\` (the data folder; default: the one in the configuration). Every command takes \`--json\`: [the JSON it prints](cli-json.md).`,
    ...made.commands.flatMap((command) => sectionsOf(command, 'tidings')),
    '## Exit codes',
    table(
      ['code', 'meaning'],
      Object.entries(exitCodes).map(([name, value]) => [code(String(value)), meanings.get(name) ?? '']),
    ),
  )
}
