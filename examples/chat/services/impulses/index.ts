// The service `impulses`. A kind of impulse is one file and one line here.
import { noteHelper } from './note-helper.ts'
import { quietRoom } from './quiet-room.ts'
import { release } from './release.ts'
import { impulses } from './service.ts'
import { takeTurn } from './take-turn.ts'
import { unansweredQuestion } from './unanswered-question.ts'
import { welcome } from './welcome.ts'

export default impulses.with({
  unansweredQuestion,
  welcome,
  quietRoom,
  release,
  takeTurn,
  noteHelper,
})
