// Who may call the chat: everybody, except for commands and queries that only the services use. If your chat serves more than your own
// machine, authenticate callers here.
import type { Authorize } from '@tidings/http'
import { TidingsError } from 'tidings'

// `post-message` executes `record-message`, which accepts any name for its author; `take-turn` counts nudges; `attachment-to-judge` returns
// files that only moderation may see yet.
const inner = new Set(['record-message', 'take-turn', 'attachment-to-judge'])

/** Allows every caller, without a principal. Commands and queries for the services are refused as `FORBIDDEN`. */
export const authorize: Authorize = ({ service, kind, name }) => {
  if (inner.has(name)) throw new TidingsError('FORBIDDEN', `The ${kind} ${name} of ${service} is not open to callers.`)
  return { principal: null }
}
