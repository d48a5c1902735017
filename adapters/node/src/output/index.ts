// The entry for programs that print: text that acts on no terminal, commands that can be typed, output that holds nothing up.
// Invariant: it loads nothing that runs a system, so that a command which only prints starts at once.

export { type CommandForm, completedText, tidingsCall } from '../environment/printed-commands.ts'
export { safeJsonText, safeText } from '../environment/safe-text.ts'
export { wordsOfText } from '../environment/words-of-text.ts'
export { keepOutputFlowing } from './keep-output-flowing.ts'
