// The limits of a body are checked before it is parsed (P11).

import { expect, test } from 'vitest'
import { parseJson, readJson } from './read-json.ts'

const limits = { bodyBytesMax: 100, payloadDepthMax: 4 }
const request = (body: RequestInit['body'], headers: Readonly<Record<string, string>> = {}) =>
  new Request('http://localhost/', {
    method: 'POST',
    body: body ?? null,
    headers: { 'content-type': 'application/json', ...headers },
    duplex: 'half',
  } as RequestInit)

test.each([['application/json'], ['APPLICATION/JSON; charset=UTF-8'], ['application/json;charset="utf-8"']])(
  'the media type %s is read',
  async (type) => {
    await expect(readJson(request('{"a":1}', { 'content-type': type }), limits)).resolves.toEqual({ a: 1 })
  },
)

test.each([
  ['text/plain'],
  ['application/x-www-form-urlencoded'],
  ['multipart/form-data'],
  ['application/json; charset=utf-16'],
  ['application/jsonp'],
  [''],
])('P12: the media type %j, which a form could send or which is not JSON, is refused [trap: access]', async (type) => {
  await expect(readJson(request('{}', { 'content-type': type }), limits)).rejects.toMatchObject({
    code: 'unsupported-media-type',
  })
})

test('a compressed body is refused', async () => {
  await expect(readJson(request('{}', { 'content-encoding': 'gzip' }), limits)).rejects.toMatchObject({
    code: 'unsupported-media-type',
  })
})

test('P11: a body without a declared length is refused as soon as it exceeds the limit [trap: payloads]', async () => {
  let given = 0
  const endless = new ReadableStream({
    pull(controller) {
      given += 10
      controller.enqueue(new TextEncoder().encode('"aaaaaaaa"'))
    },
  })
  await expect(readJson(request(endless), limits)).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' })
  expect(given).toBeLessThan(200)
})

test('P11: a body with a declared length over the limit is refused unread', async () => {
  await expect(readJson(request('{}', { 'content-length': '101' }), limits)).rejects.toMatchObject({
    code: 'PAYLOAD_TOO_LARGE',
  })
})

test('bytes that are not UTF-8 are refused', async () => {
  await expect(readJson(request(new Uint8Array([0x22, 0xff, 0x22])), limits)).rejects.toMatchObject({
    code: 'PAYLOAD_NOT_JSON',
  })
})

test('brackets within strings do not count as nesting', () => {
  expect(parseJson('[[[["]]]][[[[\\"[["]]]]', 4)).toEqual([[[[']]]][[[["[[']]]])
  expect(parseJson('[{"a":[]},{"b":[]},[[]]]', 3)).toEqual([{ a: [] }, { b: [] }, [[]]])
  expect(() => parseJson('[[[[[]]]]]', 4)).toThrow(expect.objectContaining({ code: 'PAYLOAD_TOO_DEEP' }))
})

test('P11: a million levels are refused without overflowing the stack', () => {
  const levels = 1_000_000
  for (const text of [
    '['.repeat(levels) + ']'.repeat(levels),
    `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`,
    '['.repeat(levels),
  ]) {
    expect(() => parseJson(text, 64)).toThrow(expect.objectContaining({ code: 'PAYLOAD_TOO_DEEP' }))
  }
})

test.each([
  ['{"__proto__":{"admin":true}}', /__proto__ at its root/],
  ['{"a":[{"\\u005f_proto__":1}]}', /__proto__ at \/a\/0/],
  ['{"a":"\\ud800"}', /lone surrogate at \/a/],
  ['{"\\udc00":1}', /name has a lone surrogate/],
  ['{"a":1', /at character 6/],
  ['', /is not JSON/],
  ['{"a":NaN}', /is not JSON/],
])('%s is refused, and the message says where', (text, message) => {
  expect(() => parseJson(text, 64)).toThrow(
    expect.objectContaining({ code: 'PAYLOAD_NOT_JSON', message: expect.stringMatching(message) }),
  )
})

test('a string that mentions __proto__, or has escaped letters, is allowed', () => {
  expect(parseJson('{"a":"__proto__ \\u0041 \\ud83d\\ude00"}', 64)).toEqual({ a: '__proto__ A 😀' })
})

test('the place of what is refused is a JSON Pointer, escaped', () => {
  expect(() => parseJson('{"a/b~c":["\\ud800"]}', 64)).toThrow(' at /a~1b~0c/0.')
})
