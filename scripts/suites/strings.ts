// Sends each string of the Big List of Naughty Strings (github.com/minimaxir/big-list-of-naughty-strings) to every place that takes text: it is
// kept and answered unchanged, or refused with a problem; nothing is a 5xx. `npx node scripts/suites/strings.ts <list>/blns.json`
import { readFileSync } from 'node:fs'
import { openEchoApi } from './echo-api.ts'
import { report, type SuiteCase } from './report.ts'

const [file = ''] = process.argv.slice(2)
const strings = JSON.parse(readFileSync(file, 'utf8')) as readonly string[]
const call = await openEchoApi()

/** The answer to a request, or why there was none to send: some texts cannot be headers. */
const statusOf = async (path: string, init: RequestInit): Promise<string | undefined> => {
  let response: Response
  try {
    response = await call(path, init)
  } catch (error) {
    return error instanceof TypeError ? undefined : String(error)
  }
  const { code } = (await response.json()) as { code?: string }
  if (response.status === 200) return undefined
  return response.status >= 500 || code === undefined ? `was answered with ${response.status} ${code}` : undefined
}

const body = JSON.stringify({ key: 'k', value: 1 })
const places: Readonly<Record<string, (text: string, index: number) => Promise<string | undefined>>> = {
  'the value of a command': async (text, index) => {
    await call('/commands/keep', { body: JSON.stringify({ key: `value-${index}`, value: text }) })
    const kept: unknown = await (await call('/queries/kept', { body: JSON.stringify(`value-${index}`) })).json()
    return kept === text ? undefined : `became ${JSON.stringify(kept)}`
  },
  'the name of a member': async (text, index) => {
    const value = { [text]: text }
    const sent = await call('/commands/keep', { body: JSON.stringify({ key: `name-${index}`, value }) })
    if (sent.status !== 200) return text === '__proto__' ? undefined : `was answered with ${sent.status}`
    const kept: unknown = await (await call('/queries/kept', { body: JSON.stringify(`name-${index}`) })).json()
    return JSON.stringify(kept) === JSON.stringify(value) ? undefined : `became ${JSON.stringify(kept)}`
  },
  'the key of a row': (text) => statusOf('/commands/keep', { body: JSON.stringify({ key: text, value: 1 }) }),
  'the whole body': (text) => statusOf('/commands/any', { body: text }),
  'the name of a command': (text) => statusOf(`/commands/${encodeURIComponent(text)}`, { body }),
  'an idempotency key': (text) => statusOf('/commands/keep', { body, headers: { 'idempotency-key': text } }),
  'a conversation': (text) => statusOf('/commands/keep', { body, headers: { 'tidings-correlation-id': text } }),
  'a time': (text) => statusOf('/commands/keep', { body, headers: { 'tidings-occurred-at': text } }),
  'a token': (text) => statusOf('/queries/kept', { body: '"k"', headers: { 'tidings-after': text } }),
  'a trace state': (text) =>
    statusOf('/commands/keep', {
      body,
      headers: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', tracestate: text },
    }),
}

for (const [place, send] of Object.entries(places)) {
  const cases: SuiteCase[] = []
  for (const [index, text] of strings.entries())
    cases.push({ name: JSON.stringify(text).slice(0, 80), failure: await send(text, index) })
  report(`Strings as ${place}`, cases)
}
