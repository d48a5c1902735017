// Who talks in a simulated chat, where, and what they say. Questions end in a question mark, and nothing else does.

/** The rooms. */
export const rooms = [
  { roomId: 'lobby', title: 'Lobby' },
  { roomId: 'help', title: 'Help' },
] as const

/** Somebody whom the webhook does not know: what is to be brought to them is refused. */
export const unreachable = 'hugo'

/** Everybody who may come, on clocks of their own; some never want to be left alone. */
export const people = [
  { memberId: 'ada', name: 'Ada', timeZone: 'UTC', quietHours: null },
  { memberId: 'bela', name: 'Bela', timeZone: 'Europe/Berlin' },
  { memberId: 'chidi', name: 'Chidi', timeZone: 'Africa/Lagos', quietHours: { from: '23:00', to: '23:45' } },
  { memberId: 'dana', name: 'Dana', timeZone: 'America/New_York' },
  { memberId: 'emre', name: 'Emre', timeZone: 'Asia/Kolkata', quietHours: null },
  { memberId: unreachable, name: 'Hugo', timeZone: 'UTC', quietHours: null },
]

/** The name that somebody takes after another. */
export function nextName(name: string): string {
  return name.endsWith('_') ? name.slice(0, -1) : `${name}_`
}

/** Questions. */
export const questions = [
  'How do I turn a video into pictures?',
  'My printer prints every page twice, where can I look?',
  'When should one cut back lavender?',
  'Which port does the door listen on?',
]

/** Answers; they name whom they are for. */
export const answers = [
  'try to turn it off and on again',
  'ffmpeg does that',
  'in late summer, I think',
  'it is 4848, unless you say otherwise',
]

/** What is said of nothing in particular. */
export const remarks = ['Good morning', 'The first tomatoes are ripe', 'I have read half a book on the train']

/** What a message is changed to that asks nothing. */
export const corrections = ['Never mind, found it', 'I meant the other one']
