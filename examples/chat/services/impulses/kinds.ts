// The kinds of impulses: each has a file, and a line here.
export { quietRoom } from './quiet-room.ts'
export { unansweredQuestion } from './unanswered-question.ts'
export { welcome } from './welcome.ts'
