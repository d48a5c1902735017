// The global set-up of the test runner: all tests share one Postgres, which starts when the first of them asks for it.
import { shareTestPostgres } from '../src/local/test-postgres.ts'

export default shareTestPostgres
