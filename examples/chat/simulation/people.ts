// The members of a simulated chat, the rooms, and what is said. Only questions end in a question mark.

/** The rooms. */
export const rooms = [
  { roomId: 'lobby', title: 'Lobby' },
  { roomId: 'help', title: 'Help' },
] as const

/** A member whom the webhook does not know: it refuses impulses for them. */
export const unreachable = 'hugo'

/** The members, with their time zones; some have no quiet hours. */
export const people = [
  { memberId: 'ada', name: 'Ada', timeZone: 'UTC', quietHours: null },
  { memberId: 'bela', name: 'Bela', timeZone: 'Europe/Berlin' },
  { memberId: 'chidi', name: 'Chidi', timeZone: 'Africa/Lagos', quietHours: { from: '23:00', to: '23:45' } },
  { memberId: 'dana', name: 'Dana', timeZone: 'America/New_York' },
  { memberId: 'emre', name: 'Emre', timeZone: 'Asia/Kolkata', quietHours: null },
  { memberId: unreachable, name: 'Hugo', timeZone: 'UTC', quietHours: null },
]

/** The next name of a member who is renamed. */
export function nextName(name: string): string {
  return name.endsWith('_') ? name.slice(0, -1) : `${name}_`
}

/** Questions. */
export const questions = [
  'How do I turn a video into pictures?',
  'My printer prints every page twice, where can I look?',
  'When should one cut back lavender?',
  'Which port does the server listen on?',
]

/** Answers; the name of the asker is put before them. */
export const answers = [
  'try to turn it off and on again',
  'ffmpeg does that',
  'in late summer, I think',
  'it is 4848, unless you say otherwise',
]

/** Messages that are no questions. */
export const remarks = ['Good morning', 'The first tomatoes are ripe', 'I have read half a book on the train']

/** New texts for edited messages that are no questions. */
export const corrections = ['Never mind, found it', 'I meant the other one']
