// A process that reaches three points, and exits with 0 if it is not killed.
import { crashSwitch } from '@tidings/testing/rig'

const reached = crashSwitch(process.argv[2] ?? '')
reached('kitchen', 'commit.before')
reached('kitchen', 'commit.after')
reached('kitchen', 'handler.before')
process.exitCode = 0
