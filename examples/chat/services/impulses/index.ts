// The service `impulses`: its kinds, and the rules for all of them.
import * as kinds from './kinds.ts'
import { noteHelper } from './note-helper.ts'
import { release } from './release.ts'
import { impulses } from './service.ts'
import { takeTurn } from './take-turn.ts'

export default impulses.with({ ...kinds, release, takeTurn, noteHelper })
