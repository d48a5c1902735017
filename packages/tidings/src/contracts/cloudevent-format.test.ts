// Any CloudEvent is read with everything that it has, and written again as the same event.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isTidingsError } from '../errors/index.ts'
import { fromCloudEvent } from './cloudevent-format.ts'
import { readLoggedEvent, toCloudEvent } from './cloudevents.ts'

const bare = { specversion: '1.0', id: '1', source: 'https://example.com/a?b#c', type: 'com.Example.someEvent' }
const wire = (changes: object = {}) => JSON.stringify({ ...bare, ...changes })

describe('read and written again', () => {
  test.each([
    ['only what every event has', {}],
    [
      'all attributes of the specification',
      {
        subject: 'a/b',
        time: '2018-04-05T03:56:24.123456789+02:00',
        datacontenttype: 'text/plain',
        dataschema: 'https://example.com/s',
        data: 'Hello',
      },
    ],
    ['a source that is a relative reference', { source: '/mycontext/subcontext' }],
    ['a source without a scheme', { source: '//github.com/cloudevents' }],
    ['a source that is a URN', { source: 'urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66' }],
    [
      'extensions of every type',
      {
        sampledrate: 30,
        negative: -5,
        on: true,
        off: false,
        text: 'x',
        empty: '',
        traceparent: 't',
        tracestate: 'a=1',
      },
    ],
    ['an extension with a line break', { comexampleextension2: '{"othervalue": 5}\n' }],
    ['a name of digits, and names that every object has', { 1: 'one', constructor: 'x', tostring: 'y' }],
    ['a long name', { a123456789012345678901234567890: 1 }],
    ['JSON data: an object', { data: { a: [1, null, 'é'] } }],
    ['JSON data: text', { datacontenttype: 'application/json; charset=utf-8', data: 'Hello' }],
    ['JSON data: null', { data: null }],
    ['JSON of a kind', { datacontenttype: 'Application/Vnd.Shop+JSON; v=1', data: [1] }],
    ['XML', { datacontenttype: 'application/xml; charset=utf-8', data: '<msg>Hello, 🌎!</msg>' }],
    ['an object of another type than JSON', { datacontenttype: 'application/xml', data: { a: 1 } }],
    ['empty text', { datacontenttype: 'text/plain', data: '' }],
    ['bytes', { datacontenttype: 'image/png', data_base64: 'iVBORw==' }],
    ['no bytes', { data_base64: '' }],
  ])('%s', (_what, changes) => {
    const again = toCloudEvent(fromCloudEvent(wire(changes)))
    expect(JSON.parse(again)).toEqual({ ...bare, ...changes })
    expect(toCloudEvent(fromCloudEvent(again))).toBe(again)
  })

  test('attributes of null are the same as none', () => {
    const read = fromCloudEvent(wire({ subject: null, time: null, data_base64: null, ext: null, dataschema: null }))
    expect(read).toEqual({ ...bare, extensions: {}, data: null })
  })

  test('data are JSON text byte for byte, text, or bytes', () => {
    const json = '{ "b":1e400, "a":9007199254740993,"a":2 }'
    expect(fromCloudEvent(`${wire().slice(0, -1)},"data":${json}}`).data).toEqual({ json })
    expect(fromCloudEvent(wire({ data: 'x', datacontenttype: 'text/json' })).data).toEqual({ json: '"x"' })
    expect(fromCloudEvent(wire({ data: 'x', datacontenttype: 'text/plain; x=json' })).data).toEqual({ text: 'x' })
    expect(fromCloudEvent(wire({ data_base64: 'AA==' })).data).toEqual({ base64: 'AA==' })
  })

  test('any extensions and any data', () => {
    const extension = fc.oneof(fc.boolean(), fc.maxSafeInteger(), fc.string({ unit: 'grapheme' }))
    const names = fc.stringMatching(/^[a-z0-9]{1,20}$/).map((name) => `x${name}`)
    fc.assert(
      fc.property(fc.dictionary(names, extension, { noNullPrototype: true }), fc.jsonValue(), (extensions, data) => {
        const event = { ...bare, ...extensions, data }
        // JSON has one zero.
        const sent: unknown = JSON.parse(JSON.stringify(event))
        expect(JSON.parse(toCloudEvent(fromCloudEvent(JSON.stringify(event))))).toEqual(sent)
      }),
    )
  })
})

describe('what no CloudEvent can have is named', () => {
  test.each([
    [wire({ specversion: '0.3' }), '"specversion" of the event is "0.3"'],
    [wire({ specversion: undefined }), '"specversion" of the event is missing'],
    [wire({ id: undefined }), '"id" of the event is missing'],
    [wire({ id: '' }), '"id" of the event is ""'],
    [wire({ source: 7 }), '"source" of the event is 7'],
    [wire({ type: ['x'] }), '"type" of the event is ["x"]'],
    [wire({ time: '2026-01-01T24:00:00Z' }), '"time" of the event is "2026-01-01T24:00:00Z"'],
    [wire({ subject: '' }), '"subject" of the event is ""'],
    [wire({ datacontenttype: 1 }), '"datacontenttype" of the event is 1'],
    [wire({ ext: { a: 1 } }), '"ext" of the event is {"a":1}'],
    [wire({ ext: 1.5 }), '"ext" of the event is 1.5'],
    [wire({ ext: '\ud800' }), '"ext" of the event is "\\ud800"'],
    [wire({ Ext: 1 }), 'an attribute "Ext"; names have lower-case letters and digits only'],
    [wire({ data_base65: 1 }), 'an attribute "data_base65"; names have lower-case'],
    [wire({ data: 1, data_base64: 'AA==' }), 'both data and data_base64'],
    [wire({ data_base64: 'A' }), '"data_base64" of the event is "A"'],
    [wire({ data_base64: 'AA=A' }), '"data_base64" of the event is "AA=A"'],
    ['[]', 'a batch. Read its members one by one'],
    ['"x"', 'not a JSON object'],
    ['{', 'not JSON'],
  ])('%s', (text, message) => {
    const read = () => fromCloudEvent(text)
    expect(read).toThrow(message)
    expect(read).toThrow(expect.objectContaining({ code: 'INVALID_ENVELOPE' }))
  })

  test('any text is read, or refused with this code', () => {
    const values = fc.oneof(fc.jsonValue(), fc.string({ unit: 'binary' }))
    const events = fc.dictionary(
      fc.oneof(fc.constantFrom(...Object.keys(bare), 'data', 'data_base64', 'time'), fc.string()),
      values,
    )
    fc.assert(
      fc.property(events, (changes) => {
        try {
          expect(fromCloudEvent(toCloudEvent(fromCloudEvent(wire(changes)))).id).toBeTypeOf('string')
        } catch (error) {
          expect(isTidingsError(error) ? error.code : String(error)).toBe('INVALID_ENVELOPE')
        }
      }),
    )
  })
})

test('an event of another system is no event of a service, and the error says why', () => {
  expect(() => readLoggedEvent(wire())).toThrow('"partitionkey" of the event is missing')
  expect(() => readLoggedEvent(wire({ partitionkey: 'k' }))).toThrow(
    'The event is not one of a service: The service name',
  )
})
