// What members of the chat do on a simulated day: they come and go, ask, answer, edit, attach files, and pause.
// Invariant: all random choices come from the seed, and every id is used once.
import { type Chance, send, type WorkloadStep, type WorkloadTools, wait } from '@tidings/testing'
import { AddAttachment } from '../services/attachments/contract.ts'
import { RegisterMember, RenameMember, SetQuietHours } from '../services/members/contract.ts'
import {
  EditMessage,
  EnterRoom,
  LeaveRoom,
  OpenRoom,
  PostMessage,
  PostNotice,
  ReactToMessage,
  RedactMessage,
} from '../services/rooms/contract.ts'
import { files } from './files.ts'
import { answers, corrections, nextName, people, questions, remarks, rooms } from './people.ts'

interface Said {
  readonly messageId: string
  readonly roomId: string
  readonly authorId: string
  readonly name: string
  readonly asks: boolean
}

/** The state of the talk. */
class Talk {
  readonly random: Chance
  /** The names of those who are present, by member id. */
  readonly present = new Map<string, string>()
  readonly said: Said[] = []
  #last = 0

  constructor(random: Chance) {
    this.random = random
  }

  id(prefix: string): string {
    this.#last++
    return `${prefix}-${String(this.#last).padStart(4, '0')}`
  }

  someone(): string {
    return this.random.pick([...this.present.keys()])
  }

  /** One of the latest messages that match. */
  message(matches: (said: Said) => boolean = () => true): Said | undefined {
    const latest = this.said.filter(matches).slice(-6)
    return latest.length === 0 ? undefined : this.random.pick(latest)
  }
}

/** Endless talk. */
export function* talk({ random }: WorkloadTools): Iterable<WorkloadStep> {
  const chat = new Talk(random)
  for (const { roomId, title } of rooms) yield send('rooms', OpenRoom, { roomId, title })
  for (let count = 0; count < 3; count++) yield* arrive(chat)
  for (;;) yield* random.pick(acts)(chat)
}

type Act = (chat: Talk) => Iterable<WorkloadStep>

/** Registers a member, who then comes into a room or says something at once. */
function* arrive(chat: Talk): Iterable<WorkloadStep> {
  const absent = people.filter(({ memberId }) => !chat.present.has(memberId))
  if (absent.length === 0) return
  const person = chat.random.pick(absent)
  chat.present.set(person.memberId, person.name)
  yield send('members', RegisterMember, person)
  // A member is new for an hour.
  if (chat.random.happens(0.2)) yield wait({ minutes: chat.random.pick([1, 20, 59, 61]) })
  if (chat.random.happens(0.7)) yield* enter(chat, person.memberId)
  else yield* say(chat, person.memberId, chat.random.pick(questions))
}

function* enter(chat: Talk, memberId = chat.someone()): Iterable<WorkloadStep> {
  yield send('rooms', EnterRoom, { roomId: chat.random.pick(rooms).roomId, entryId: chat.id('e'), memberId })
}

function* leave(chat: Talk): Iterable<WorkloadStep> {
  yield send('rooms', LeaveRoom, { roomId: chat.random.pick(rooms).roomId, memberId: chat.someone() })
}

function* say(
  chat: Talk,
  authorId: string,
  text: string,
  roomId: string = chat.random.pick(rooms).roomId,
): Iterable<WorkloadStep> {
  const messageId = chat.id('m')
  const name = chat.present.get(authorId) ?? authorId
  chat.said.push({ messageId, roomId, authorId, name, asks: text.endsWith('?') })
  const action = !text.endsWith('?') && chat.random.happens(0.1)
  yield send('rooms', PostMessage, { messageId, roomId, authorId, text, action })
}

const ask: Act = (chat) => say(chat, chat.someone(), chat.random.pick(questions))
const remark: Act = (chat) => say(chat, chat.someone(), chat.random.pick(remarks))

/** Usually somebody else answers; sometimes the asker continues. */
function* answer(chat: Talk): Iterable<WorkloadStep> {
  const asked = chat.message(({ asks }) => asks)
  if (asked === undefined) return
  const others = [...chat.present.keys()].filter((id) => id !== asked.authorId)
  const authorId = chat.random.happens(0.15) ? asked.authorId : chat.random.pick(others)
  yield* say(chat, authorId, `${asked.name}: ${chat.random.pick(answers)}`, asked.roomId)
}

/** The author edits a message, into a question or another text; sometimes another member tries to. */
function* edit(chat: Talk): Iterable<WorkloadStep> {
  const said = chat.message()
  if (said === undefined) return
  const { messageId, authorId } = said
  const memberId = chat.random.happens(0.1) ? chat.someone() : authorId
  const times = chat.random.pick([1, 1, 2, 3])
  for (let time = 0; time < times; time++)
    yield send('rooms', EditMessage, { messageId, memberId, text: chat.random.pick([...corrections, ...questions]) })
}

function* redact(chat: Talk): Iterable<WorkloadStep> {
  const said = chat.message(({ asks }) => asks || chat.random.happens(0.3))
  if (said !== undefined) yield send('rooms', RedactMessage, { messageId: said.messageId, memberId: said.authorId })
}

function* react(chat: Talk): Iterable<WorkloadStep> {
  const said = chat.message()
  if (said === undefined) return
  const emoji = chat.random.pick(['👍', '🎉', '😄'])
  const on = chat.random.happens(0.8)
  yield send('rooms', ReactToMessage, { messageId: said.messageId, memberId: chat.someone(), emoji, on })
}

function* attach(chat: Talk): Iterable<WorkloadStep> {
  const attachmentId = chat.id('a')
  const { roomId } = chat.random.pick(rooms)
  const memberId = chat.someone()
  yield send('attachments', AddAttachment, { attachmentId, roomId, memberId, ...chat.random.pick(files) })
  const messageId = chat.id('m')
  yield send('rooms', PostMessage, { messageId, roomId, authorId: memberId, text: '', attachmentId })
}

function* rename(chat: Talk): Iterable<WorkloadStep> {
  const memberId = chat.someone()
  const name = nextName(chat.present.get(memberId) ?? memberId)
  chat.present.set(memberId, name)
  yield send('members', RenameMember, { memberId, name })
}

function* rest(chat: Talk): Iterable<WorkloadStep> {
  const quietHours = chat.random.pick([
    null,
    { from: '22:00', to: '07:00' },
    { from: '20:30', to: '23:15' },
    { from: '00:00', to: '00:30' },
  ])
  yield send('members', SetQuietHours, { memberId: chat.someone(), quietHours })
}

function* notice(chat: Talk): Iterable<WorkloadStep> {
  yield send('rooms', PostNotice, { roomId: chat.random.pick(rooms).roomId, text: 'The topic is another one now.' })
}

// The delays of the chat's timers (welcome, unanswered question, quiet room), so that the next step comes at about the same time as the timers
// of the steps before the pause.
const pausesMs = [2, 10, 10, 30, 30, 100].map((minutes) => minutes * 60_000)

function* pause({ random }: Talk): Iterable<WorkloadStep> {
  yield wait({ milliseconds: random.pick(pausesMs) - random.pick([0, 0, random.whole(1, 3_000), -500]) })
}

const often = <T>(times: number, act: T): readonly T[] => Array.from({ length: times }, () => act)

const acts: readonly Act[] = [
  ...often(8, ask),
  ...often(7, answer),
  ...often(3, remark),
  ...often(4, edit),
  ...often(3, redact),
  ...often(4, attach),
  ...often(7, pause),
  ...often(3, arrive),
  ...often(2, enter),
  ...often(2, rest),
  ...often(2, rename),
  leave,
  react,
  notice,
]
