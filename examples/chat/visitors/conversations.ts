// What visitors talk about. Each conversation has three people, 0 to 2; some questions get no answer, so that there are reasons for nudges.

/** One message of a conversation. `{1}` is the name of person 1. */
export interface Turn {
  readonly who: 0 | 1 | 2
  readonly text: string
  /** An emoji with which somebody reacts to it. */
  readonly reaction?: string
}

/** A conversation and the room it belongs to. */
export interface Conversation {
  readonly roomId: 'lobby' | 'help' | 'garden'
  readonly turns: readonly Turn[]
}

/** Names of visitors. */
export const names = ['Ada', 'Bela', 'Chidi', 'Dana', 'Emre', 'Fern', 'Gita', 'Hugo'] as const

/** The conversations. */
export const conversations: readonly Conversation[] = [
  {
    roomId: 'lobby',
    turns: [
      { who: 0, text: 'Good morning, everybody' },
      { who: 1, text: '{0}: morning! How was the train?' },
      { who: 0, text: '{1}: late, as ever. But I read half a book', reaction: '😄' },
      { who: 2, text: 'Which one?' },
      { who: 0, text: '{2}: the one about lighthouses you lent me' },
    ],
  },
  {
    roomId: 'help',
    turns: [
      { who: 0, text: 'Does anybody know how to turn a video into single pictures?' },
      { who: 1, text: '{0}: ffmpeg does that: ffmpeg -i film.mp4 -r 1 picture-%04d.png' },
      { who: 0, text: '{1}: that worked, thank you!', reaction: '🎉' },
      { who: 2, text: 'Can it also cut the first ten seconds off?' },
      { who: 1, text: '{2}: yes, put -ss 10 before the -i' },
    ],
  },
  {
    roomId: 'help',
    turns: [
      { who: 0, text: 'My printer prints every page twice. Where can I look?' },
      { who: 2, text: 'I had that once and never found out' },
    ],
  },
  {
    roomId: 'garden',
    turns: [
      { who: 0, text: 'The first tomatoes are ripe', reaction: '🍅' },
      { who: 1, text: '{0}: already? Which kind is it?' },
      { who: 0, text: '{1}: a small yellow one, I have lost the label' },
      { who: 2, text: 'When should one cut back lavender?' },
    ],
  },
  {
    roomId: 'garden',
    turns: [
      { who: 1, text: 'Something eats my beans at night' },
      { who: 2, text: '{1}: slugs, most likely. Go out with a lamp after rain' },
      { who: 1, text: '{2}: brr. But thank you', reaction: '🐌' },
    ],
  },
  {
    roomId: 'lobby',
    turns: [
      { who: 2, text: 'Is anybody coming to the lake on Sunday?' },
      { who: 0, text: '{2}: I am, if it does not rain' },
      { who: 1, text: 'Me too. Shall I bring the small tent?' },
      { who: 2, text: '{1}: please do', reaction: '👍' },
    ],
  },
]
