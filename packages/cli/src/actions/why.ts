// `tidings why <event>`: the causal tree around an event, from the command that began it to its last consequence.

import type { CausalNode } from 'tidings/operations'
import type { CommandInvocation, SystemOptions } from '../invocation.ts'
import { type EventJson, eventJson } from '../system/event-json.ts'
import { operate } from '../system/operator.ts'
import { withSpinner } from '../terminal/progress.ts'
import { type Conversation, collectConversation, findEvent } from '../why/collect-conversation.ts'
import { drawConversation } from '../why/draw-conversation.ts'
import { responsibleFunctions } from '../why/responsible-functions.ts'

/** Prints the conversation of an event. */
export async function explain(invocation: CommandInvocation, options: SystemOptions, reference = ''): Promise<void> {
  await operate(invocation, options, async (operator) => {
    const { terminal, complete } = invocation
    const quiet = options.json === true
    const conversation = await withSpinner({ terminal, title: 'Asking the services', quiet }, async () =>
      collectConversation(operator, await findEvent(operator, reference)),
    )
    const { unavailable } = operator
    if (quiet) terminal.json(conversationJson(conversation, unavailable))
    else {
      const functions = responsibleFunctions(operator.services)
      terminal.lines(drawConversation(conversation, { functions, unavailable, width: terminal.width, complete }))
    }
  })
}

interface NodeJson {
  readonly event: EventJson
  readonly deliveries: CausalNode['deliveries']
  readonly consequences: readonly NodeJson[]
}

function conversationJson({ asked, tree }: Conversation, unavailable: readonly string[]) {
  const { correlationId, eventCount, begunBy, roots } = tree
  return {
    event: { source: asked.source, id: asked.id, type: asked.type },
    correlationId,
    eventCount,
    begunBy: begunBy ?? null,
    unavailable,
    roots: roots.map(nodeJson),
  }
}

function nodeJson({ event, deliveries, consequences }: CausalNode): NodeJson {
  return { event: eventJson(event), deliveries, consequences: consequences.map(nodeJson) }
}
