// Log lines of a subscription that pauses, stops for an operator, or resumes. When many do for the same reason, the lines are summed up.

import type { Subscription } from '../delivery/subscription.ts'
import type { ErrorSummary } from '../failures/error-summary.ts'

/** Whether a subscription with this error waits for an operator. */
export function stopsAt(code: string): boolean {
  return code === 'EPOCH_CHANGED' || code === 'HISTORY_GONE'
}

/** Logs why a subscription pauses or stops. */
export function logPause(
  { core, subscriber, source }: Subscription,
  known: ErrorSummary,
  level: 'warn' | 'error',
): void {
  const { code, message, hint } = known
  const next = code === 'EPOCH_CHANGED' ? `npx tidings accept ${core.service.name} ${source}` : 'npx tidings status'
  core.repeatedLines.write({
    level,
    message: stopsAt(code) ? 'A subscription stops' : 'A subscription pauses',
    cause: `pauses\n${code}`,
    fields: { subscriber, source, code, error: message, hint, next },
    summary: { message: 'More subscriptions pause for the same reason', fields: { code, next } },
  })
}

/** Logs that a subscription resumes, which had paused with this code. */
export function logResume({ core, subscriber, source }: Subscription, code: string): void {
  core.repeatedLines.write({
    level: 'info',
    message: 'A subscription resumes',
    cause: `resumes\n${code}`,
    fields: { subscriber, source },
    summary: { message: 'More subscriptions resume', fields: {} },
  })
}
