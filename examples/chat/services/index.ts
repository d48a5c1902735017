// All services of the chat.
import type { Service } from 'tidings'
import attachments from './attachments/index.ts'
import courier from './courier/index.ts'
import impulses from './impulses/index.ts'
import insights from './insights/index.ts'
import members from './members/index.ts'
import moderation from './moderation/index.ts'
import rooms from './rooms/index.ts'
import threads from './threads/index.ts'

/** The services of the chat. They share nothing and hear of each other only through events. */
export const chatServices: readonly Service[] = [
  members,
  rooms,
  attachments,
  moderation,
  threads,
  impulses,
  courier,
  insights,
]
