// Who may call the chat: everybody, save where the services talk among themselves. In a chat for more than its own machine this is the
// place to ask who somebody is.
import type { Authorize } from '@tidings/http'
import { TidingsError } from 'tidings'

// `record-message` is what `post-message` executes, and takes any name for its author's; `take-turn` counts nudges;
// `attachment-to-judge` shows moderation what nobody else may see yet.
const inner = new Set(['record-message', 'take-turn', 'attachment-to-judge'])

/** Lets everybody in as nobody in particular; what the services keep to themselves is refused as `FORBIDDEN`. */
export const authorize: Authorize = ({ service, kind, name }) => {
  if (inner.has(name)) throw new TidingsError('FORBIDDEN', `The ${kind} ${name} of ${service} is not open to callers.`)
  return { principal: null }
}
