// docs/reference/envelope.md: how an event looks on the wire. The mapping is not written down here but found: a sample whose every
// field has a value of its own goes through `toCloudEvent`, and each attribute is traced to the field that its value comes from.
import type { LoggedEvent } from 'tidings'
import { toCloudEvent } from 'tidings/contracts'
import { membersOf } from './docstrings.ts'
import { code, page, table } from './markdown.ts'

const envelope = 'packages/tidings/src/contracts/envelope.ts'
const wire = 'packages/tidings/src/contracts/cloudevents.ts'

const sample: LoggedEvent = {
  id: '0199c1f0-7c3a-7d52-9b0e-2f6f1f0a6c11',
  source: 'customers',
  type: 'shop.customer-changed',
  version: 2,
  readableFrom: 1,
  key: 'c-17',
  data: '{"customerId":"c-17","state":"SP"}',
  downcasts: '{"1":{"customerId":"c-17"}}',
  entityVersion: 3,
  occurredAt: Date.UTC(2026, 0, 31, 12),
  recordedAt: Date.UTC(2026, 0, 31, 12, 0, 1),
  correlationId: '0199c1f0-7c39-7a11-8f00-5f1f7a3c9d01',
  causationId: '0199c1f0-7c39-7a11-8f00-5f1f7a3c9d02',
  causedBy: 'command/register-customer',
  principal: 'user-4',
  tenant: 'acme',
  traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  tracestate: 'vendor=00f067aa0ba902b7',
  position: '0000000000000042',
}

type Field = keyof LoggedEvent

const fields = Object.keys(sample) as Field[]

/** The field of the event that an attribute is made of; `undefined` for one that is the same in every event. */
const fieldOf = (attribute: string, attributes: Readonly<Record<string, unknown>>): Field | undefined =>
  fields.find((field) => {
    const changed = { ...sample, [field]: typeof sample[field] === 'number' ? 5 : '"changed"' }
    const after = JSON.parse(toCloudEvent(changed)) as Record<string, unknown>
    return JSON.stringify(after[attribute]) !== JSON.stringify(attributes[attribute])
  })

const absentWithout = (attribute: string, field: Field): boolean =>
  !(attribute in JSON.parse(toCloudEvent({ ...sample, [field]: null })))

/** The page. */
export const envelopePage = (): string => {
  const attributes = JSON.parse(toCloudEvent(sample)) as Record<string, unknown>
  const docs = new Map(
    [...membersOf(envelope, 'EventRecord'), ...membersOf(envelope, 'LoggedEvent')].map(({ name, text }) => [
      name,
      text,
    ]),
  )
  const nullable: readonly Field[] = [
    'data',
    'downcasts',
    'entityVersion',
    'principal',
    'tenant',
    'traceparent',
    'tracestate',
  ]
  const rows = Object.keys(attributes).map((attribute) => {
    const field = fieldOf(attribute, attributes)
    if (field === undefined) return [code(attribute), '', `Always ${code(JSON.stringify(attributes[attribute]))}.`]
    const optional = nullable.includes(field) && absentWithout(attribute, field)
    return [
      code(attribute),
      code(field),
      `${docs.get(field) ?? ''}${optional ? ' Left out on the wire if `null`.' : ''}`,
    ]
  })
  return page(
    'The envelope',
    [envelope, wire],
    `Outside a store, an event is a [CloudEvents 1.0](https://github.com/cloudevents/spec) event in JSON: \`toCloudEvent\` writes it, and
\`readLoggedEvent\` reads it. Inside Tidings, an event stays one record from the event log to the last handler, and its \`data\` is JSON text that is
never re-serialised. On the wire, times are ISO 8601 in UTC, and the source has a \`/\` before the service's name.`,
    table(['attribute', 'field of the record', 'meaning'], rows),
    `A retraction (a tombstone) has \`"tombstone": true\` and no \`data\`. \`readLoggedEvent\` throws \`INVALID_ENVELOPE\` and names the
attribute that is missing or wrong. It fills in \`correlationid\` and \`causationid\` (the event's own id), \`causedby\`, \`dataversion\` (1),
\`readablefrom\` (the data version) and \`recordedtime\` (the event's time) if they are missing.`,
    `\`fromCloudEvent\` reads any CloudEvent of any system, with everything that it has: \`subject\`, \`dataschema\`, extensions that Tidings does
not know, and data of any kind: \`{ json }\` (text, byte for byte), \`{ text }\` (of another media type), \`{ base64 }\`, or \`null\`. \`toCloudEvent\`
writes it again. \`loggedEventOf\` makes an event of a service of it, or says why it is none. \`INVALID_ENVELOPE\` names what no CloudEvent can have:
another \`specversion\`, an attribute that is an object or a fraction, a name with other characters than lower-case letters and digits, both
\`data\` and \`data_base64\`, a batch.`,
    ['```json', JSON.stringify(attributes, null, 2), '```'].join('\n'),
  )
}
