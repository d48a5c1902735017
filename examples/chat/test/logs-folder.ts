// The folder of the real logs. They are beside the repository and are read there.
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** The folder of the real logs. Throws if it does not exist. */
export function logsFolder(): string {
  const folder = resolve(import.meta.dirname, '../../../../shared/data/ubuntu-irc')
  if (!existsSync(join(folder, '2010-08-17_18.raw.txt'))) {
    throw new Error(
      `The real logs are not there: this test reads five days of IRC (see their README-upstream.md) from ${folder}, which is ../shared/data/ubuntu-irc from the root of the repository.`,
    )
  }
  return folder
}
