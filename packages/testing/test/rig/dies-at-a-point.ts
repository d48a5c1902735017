// A process that comes to three points, and ends well where it is let live.
import { crashSwitch } from '@tidings/testing/rig'

const reached = crashSwitch(process.argv[2] ?? '')
reached('kitchen', 'commit.before')
reached('kitchen', 'commit.after')
reached('kitchen', 'handler.before')
process.exitCode = 0
