// Commands as they are printed: called as whoever started this process calls `tidings`, with the options that reach the system. In the sources a
// command stands in backquotes, `tidings status`, or after `next: 'npx tidings …'`. Invariant: nothing is imported here, because the watchdog thread
// completes its last line too.

/** How commands are printed. */
export interface CommandForm {
  /** What calls the command: `npx tidings`. */
  readonly call: string
  /** The options that reach the system; empty if it needs none. */
  readonly options: string
}

const calls: Readonly<Record<string, string>> = {
  npm: 'npx tidings',
  pnpm: 'pnpm exec tidings',
  yarn: 'yarn tidings',
  bun: 'bunx tidings',
}

/** How `tidings` is called where this process was started: by the package manager that has started it; otherwise by npx, which every Node has. */
export function tidingsCall(env: Readonly<Record<string, string | undefined>>): string {
  const [manager = 'npm'] = (env.npm_config_user_agent ?? '').split('/')
  return calls[manager] ?? 'npx tidings'
}

// The help, and commands that begin a system or simulate one, are not about the system with these options.
const withoutOptions = /^ (?:init|help|simulate)\b| --(?:help|config|data)\b/

/** A text whose commands in backquotes can be typed as they are printed. */
export function completedText(text: string, { call, options }: CommandForm): string {
  return text.replace(/`(?:npx )?tidings((?: [^`]*)?)`/g, (_, rest: string) => {
    const added = options === '' || rest === '' || withoutOptions.test(rest) ? '' : ` ${options}`
    return `\`${call}${rest}${added}\``
  })
}

/** The fields of a line whose commands, in `next` and `hint`, can be typed as they are printed. */
export function completedFields(
  fields: Readonly<Record<string, unknown>>,
  form: CommandForm,
): Readonly<Record<string, unknown>> {
  const { next, hint } = fields
  if (next === undefined && hint === undefined) return fields
  return {
    ...fields,
    ...(typeof next === 'string' && next.startsWith('npx tidings ')
      ? { next: completedText(`\`${next}\``, form).slice(1, -1) }
      : {}),
    ...(typeof hint === 'string' ? { hint: completedText(hint, form) } : {}),
  }
}
