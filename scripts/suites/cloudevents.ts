// Runs the events of the public CloudEvents conformance suite (github.com/cloudevents/conformance): each is read from its JSON format, keeps
// everything that it has, and is written again as the same event. Reads the suite's YAML as JSON, a list per line, from standard input:
// `for f in <suite>/yaml/v1.yaml <suite>/yaml/v1.0/*.yaml; do npx yaml --json < $f; done | npx node scripts/suites/cloudevents.ts`
import { isDeepStrictEqual } from 'node:util'
import { fromCloudEvent, toCloudEvent } from 'tidings/contracts'
import { linesOfInput, report } from './report.ts'

interface SuiteEvent {
  readonly ContextAttributes: Readonly<Record<string, unknown>> & { readonly Extensions?: Record<string, unknown> }
  readonly Data?: string
}

/** The event in the JSON event format, as the suite's own sender makes it. */
function wireOf({ ContextAttributes, Data }: SuiteEvent): Readonly<Record<string, unknown>> {
  const { Extensions = {}, specversion, ...attributes } = ContextAttributes
  const version = typeof specversion === 'number' ? specversion.toFixed(1) : specversion
  const type = String(attributes.datacontenttype ?? 'application/json')
  const data = Data === undefined || !type.includes('json') ? Data : JSON.parse(Data)
  return { specversion: version, ...attributes, ...Extensions, ...(data === undefined ? {} : { data }) }
}

const events = (await linesOfInput()).flatMap((line) => JSON.parse(line) as SuiteEvent[])
report(
  'CloudEvents',
  events.map((event) => {
    const wire = wireOf(event)
    const name = `${String(wire.id)} ${String(wire.datacontenttype ?? '')}`
    try {
      const again = JSON.parse(toCloudEvent(fromCloudEvent(JSON.stringify(wire)))) as unknown
      return { name, failure: isDeepStrictEqual(again, wire) ? undefined : `became ${JSON.stringify(again)}` }
    } catch (error) {
      return { name, failure: String(error) }
    }
  }),
)
