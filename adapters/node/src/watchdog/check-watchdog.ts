// Checks the options of the watchdog.

import { TidingsError } from 'tidings'
import { defaultBlockedMsMax, type WatchdogOptions } from './watchdog-options.ts'

/** The limit with its default filled in; throws `CONFIG_INVALID`. */
export function checkedBlockedMsMax({ blockedMsMax = defaultBlockedMsMax }: WatchdogOptions): number {
  if (Number.isSafeInteger(blockedMsMax) && blockedMsMax >= 1) return blockedMsMax
  throw new TidingsError(
    'CONFIG_INVALID',
    `watchdog.blockedMsMax must be a whole number of at least 1, not ${blockedMsMax}.`,
  )
}
