// Input that has broken stores before. Names of contracts never get this far (one grammar holds at their definition); keys, values
// and payloads do. Lone surrogates and control characters in keys are refused upstream, so no store has to carry them.
// Order of keys: by code points, which is the order of their UTF-8 bytes (SQLite's BINARY collation, Postgres's "C").

/** JSON texts that must come back byte for byte. */
export const hostileJson: readonly string[] = [
  'null',
  '0',
  '-0',
  '""',
  '{}',
  '[]',
  ' { "spaces" : [ 1 , 2 ] } \n',
  '{"b":1,"a":2,"10":3,"9":4}',
  '{"twice":1,"twice":2}',
  '{"__proto__":{"polluted":true},"constructor":{"prototype":{}},"toString":1}',
  '{"nul":"\\u0000","lone":"\\ud800","escaped":"\\u00e9\\/"}',
  '{"beyond":9007199254740993,"tiny":1e-400,"long":0.1000000000000000055511151231257827}',
  JSON.stringify({ text: 'ß é e\u0301 \u2028 \u2029 \ufeff 漢字 😀 \u{10ffff} مرحبا' }),
  JSON.stringify({ sql: "'; DROP TABLE rows; --", like: '%_\\', quotes: '"`[]' }),
  JSON.stringify({ script: '</script><img src=x onerror=alert(1)>' }),
  `${'['.repeat(2_000)}${']'.repeat(2_000)}`,
  JSON.stringify({ huge: 'ä'.repeat(500_000) }),
]

/** Keys of rows, streams and events, all different, in their order. */
export const hostileKeys: readonly string[] = [
  ' ',
  ' key',
  '%',
  "'; DROP TABLE rows; --",
  '*.>',
  '../../etc/passwd',
  '0',
  '00',
  '1',
  '10',
  '2',
  'CONSTRUCTOR',
  'Key',
  '__proto__',
  '_ey',
  'a'.repeat(512),
  'constructor',
  'e\u0301',
  'key',
  'key ',
  'key/1',
  'key:1',
  'key\u00a0',
  'null',
  'toString',
  '\u00e9',
  '\u043a\u0435\u0443',
  '\u6f22\u5b57',
  '\uff5e',
  '\uffff',
  '\u{1f600}',
  '\u{10ffff}',
]

/** Names at the edge of the grammar: as long as may be, and different at the end alone. */
export const longNames: readonly string[] = ['a', 'b'].map((end) => `${'long-'.repeat(23)}tail${end}`)

/** Fields of documents that bear the names of things every object or every table has. */
export const hostileFields: readonly string[] = [
  'constructor',
  'toString',
  'hasOwnProperty',
  'key',
  'doc',
  'json',
  'revision',
  'schema_version',
  'rowid',
  'select',
  'Order',
]
