// The kinds of impulses: a file each, and a line each here.
export { quietRoom } from './quiet-room.ts'
export { unansweredQuestion } from './unanswered-question.ts'
export { welcome } from './welcome.ts'
