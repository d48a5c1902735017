// A process that reaches three points, and exits with 0 if it is not killed. With a second argument it stays, and reaches the last point at each message.
import { crashSwitch } from '@tidings/testing/rig'

const [folder = '', stays] = process.argv.slice(2)
const reached = crashSwitch(folder)
void reached('kitchen', 'commit.before')
void reached('kitchen', 'commit.after')
void reached('kitchen', 'handler.before')
process.exitCode = 0
if (stays !== undefined) {
  process.on('message', () => {
    // Orders are looked for every 20 ms.
    const ordered = setInterval(() => {
      if (reached('kitchen', 'handler.before') === undefined) return
      clearInterval(ordered)
      process.send?.('hangs')
    }, 5)
  })
  process.send?.('ready')
}
