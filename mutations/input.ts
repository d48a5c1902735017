// Safeguards against input and callers: what is let in, what is disclosed, and who may call.
// Invariant: each entry removes one safeguard, and is in the section of the package whose source it changes; see CONTRIBUTING.md.
import type { MutationTable } from './mutation.ts'

/** The mutations called `input/…`. */
export const input: MutationTable = {
  tidings: {
    'any-name': {
      effect: 'Names follow no grammar.',
      find: '|| !pattern.test(name)',
      test: 'names > a valid name is one token of lower-case ASCII: no subject wildcard, no path, no quote, no case, no blank [trap: names]',
      promises: ['P11'],
    },
    'any-text-on-the-wire': {
      effect: 'Attributes of an event may contain control characters and lone surrogates.',
      find: '|| !isPlainText(value) || value.length > attributeLengthMax',
      test: 'P11: an event with arbitrary attributes is read as a valid one, or refused with its code [trap: payloads, names]',
    },
    'any-version': {
      effect: 'A contract may begin with any version.',
      find: 'if (version !== 1) throw',
      replace: 'if (Number.isNaN(version)) throw',
      test: 'P11: a definition (event) begins with version 1 and a schema, or it is refused [trap: payloads]',
    },
    'control-characters-in-keys': {
      effect: 'A key may contain a line break.',
      find: 'return !refusedInKeys.test(text) &&',
      replace: 'return ',
      test: 'refused with INVALID_ENVELOPE > the key "a\\nb" [trap: names]',
      promises: ['P11'],
    },
    'data-in-errors': {
      effect: 'The error of a deferred event contains its data.',
      find: 'return { code, message: cut(message), hint, stack',
      replace:
        'return { code, message: cut(`${message} ${JSON.stringify((error as { details?: unknown }).details)}`), hint, stack',
      test: 'P12 (memory, no relay): the data of an event that failed appear in no retry queue, record, log line or list [trap: access]',
    },
    depth: {
      effect: 'A payload may be nested without a limit.',
      find: 'if (depthLeft === 0) {',
      replace: 'if (depthLeft === Number.NEGATIVE_INFINITY) {',
      test: 'P11 (memory, no relay): bad input is refused with its code, and nothing else happens [trap: payloads]',
    },
    'foreign-attributes-dropped': {
      effect: 'Attributes of a CloudEvent that Tidings does not know are dropped.',
      find: 'extensions[name] = value as string | number | boolean',
      test: 'read and written again > any extensions and any data',
      promises: ['P8'],
    },
    'functions-as-values': {
      effect: 'A member that every object has, such as toString, satisfies a schema that asks for it.',
      find: "refuse(what, path, value === undefined ? 'undefined' : `a ${typeof value}`)",
      replace:
        "if (typeof value === 'function') return\n      refuse(what, path, value === undefined ? 'undefined' : `a ${typeof value}`)",
      test: 'P11 (memory, no relay): input whose schema or key function misbehaves is refused with a code and leaves nothing, and the next input is accepted [trap: payloads]',
    },
    huge: {
      effect: 'A payload may be large without a limit.',
      find: 'text.length > limits.payloadBytesMax || (text.length * 3 > limits',
      replace: 'text.length === 0 || (text.length * 0 > limits',
      test: 'P11 (memory, no relay): bad input is refused with its code, and nothing else happens [trap: payloads]',
    },
    'invalid-time': {
      effect: 'An event may have an invalid time of occurrence.',
      find: 'if (!Number.isNaN(occurredAt)) return occurredAt',
      replace: 'return occurredAt',
      test: 'P11 (memory, no relay): an invalid time of an event or a command is refused with its code [trap: payloads]',
    },
    'lone-surrogate': {
      effect: 'A text may contain half a character.',
      find: "if (!value.isWellFormed()) refuse(what, path, 'a lone surrogate')",
      test: 'P11 (memory, no relay): bad input is refused with its code, and nothing else happens [trap: payloads]',
    },
    'like-shaped-publication': {
      effect: 'A function compiles that publishes an event which it does not declare, if the data look alike.',
      find: "readonly name: Name | OrAddItTo<'`publishes` of this function'>",
      replace: 'readonly name: string',
      test: 'the compiler says what is wrong and what to write: undeclared event of the same shape',
      promises: ['P12'],
    },
    'not-owned': {
      effect: 'A service may publish the contracts of others.',
      find: 'if (contract.owner !== service.name) {',
      replace: "if (contract.owner === '') {",
      test: 'P12 (memory, no relay): a service that publishes, answers or shows what another owns is refused where it is defined [trap: access]',
    },
    'origin-unchecked': {
      effect: 'The options of a command go into its events unchecked.',
      find: 'checkOrigin(options)',
      replace: 'if (occurredAt === undefined) checkOrigin(options)',
      test: 'P11 (memory, no relay): the principal and all other options of a command are carried as they are, or refused with a code [trap: payloads, names]',
    },
    'pointer-elsewhere': {
      effect: 'The path of an issue leads to another member if a name has a slash.',
      find: "return `/${text.replaceAll('~', '~0').replaceAll('/', '~1')}`",
      replace: 'return `/${text}`',
      test: 'a path leads to the member that is wrong, whatever its name',
      promises: ['P11'],
    },
    'proto-member': {
      effect: 'A payload may have a member named __proto__.',
      find: "if (name === '__proto__') refuse(what, path, 'a member named __proto__')",
      test: 'P11 (memory, no relay): bad input is refused with its code, and nothing else happens [trap: payloads]',
    },
    'read-of-everything': {
      effect: 'A read may ask for every row of a table.',
      find: 'Number.isSafeInteger(count) && count >= 1 && count <= readRowsMax',
      replace: 'Number.isSafeInteger(count) && count >= 1',
      test: 'P11 (memory, no relay): bad input is refused with its code, and nothing else happens [trap: payloads]',
    },
    'readable-from-anything': {
      effect: 'An event on the wire may claim to be readable from any version.',
      find: "if (readableFrom < 1 || readableFrom > version) throw invalidAttribute('readablefrom', readableFrom)",
      test: 'P11: an event with arbitrary attributes is read as a valid one, or refused with its code [trap: payloads, names]',
      traps: ['payloads'],
    },
    'rejection-unhandled': {
      effect: 'A schema that rejects ends the process.',
      find: 'result.catch(() => {})',
      test: 'P11: a schema that recurses too deep refuses with a code, and leaves no unhandled rejection [trap: payloads]',
    },
    'schema-throws': {
      effect: 'An error that a schema throws reaches the caller as it is.',
      find: "throw new TidingsError('INVALID_PAYLOAD', `${what} is not valid: its schema threw an error.`, { cause })",
      replace: 'throw cause',
      test: 'P11 (memory, no relay): input whose schema or key function misbehaves is refused with a code and leaves nothing, and the next input is accepted [trap: payloads]',
    },
    'twenty-four-hours': {
      effect: 'A time that does not exist is read as another one.',
      find: '([01]\\d|2[0-3]):([0-5]\\d):([0-5]\\d|60)',
      replace: '(\\d\\d):([0-5]\\d):([0-5]\\d|60)',
      test: '"2026-01-01T24:00:00Z" is no time',
      promises: ['P11'],
    },
    'undeclared-publication': {
      effect: 'A function may publish an event that it does not declare.',
      find: 'if (!this.declares.publishes.includes(contract)) {',
      replace: 'if (contract === undefined) {',
      test: 'P12 (memory, no relay): an event whose function publishes an event that it does not declare is parked, and has no effect [trap: access]',
    },
  },
  '@tidings/cli': {
    'acts-on-a-terminal': {
      effect: 'Text from others reaches a terminal unescaped.',
      find: 'return text.replace(unseen, escaped)',
      replace: 'return text',
      test: 'P12: no text can act on a terminal, however it is made [trap: access]',
    },
    'unseen-in-the-terminal': {
      effect: 'Two keys that differ in a character without a glyph look the same.',
      find: '\\p{Default_Ignorable_Code_Point}\\u2800',
      test: 'P12: texts that differ look different: no character is invisible [trap: names]',
    },
  },
  '@tidings/client': {
    'empty-answer-accepted': {
      effect: 'The client takes an answer without a command id for an accepted command.',
      find: "if (typeof commandId !== 'string' || commandId === '') throw invalid(answer, 'has no commandId')",
      test: 'the parts of a result: an answer without a command id is refused',
      promises: ['P11'],
    },
    'redirect-followed': {
      effect: 'The client sends its credentials to whatever origin an answer redirects to.',
      find: "body: text, redirect: 'manual',",
      replace: 'body: text,',
      test: 'credentials go to no other origin: a redirect is not followed, and named',
      promises: ['P12'],
    },
    'waits-without-end': {
      effect: 'The client waits as long as a Retry-After says, beyond its own deadline.',
      find: 'performance.now() + waitMs >= deadline',
      replace: 'performance.now() >= deadline',
      test: '429 and Retry-After > a wait that cannot end in time is not begun',
      promises: ['P11'],
    },
  },
  '@tidings/http': {
    'any-host': {
      effect: 'Any host name that resolves to this machine is accepted.',
      find: 'if (name === undefined || !(loopbackNames.includes(name) || policy.hosts.includes(name)))',
      replace: 'if (name === undefined)',
      test: 'P12: {"host":"evil.example"} is refused [trap: access]',
    },
    'any-origin': {
      effect: 'A page of any origin may call.',
      find: '|| policy.origins.includes(origin)) return undefined',
      replace: '|| policy.origins.length >= 0) return undefined',
      test: 'P12: {"host":"localhost:4747","origin":"http://evil.example"} is refused [trap: access]',
    },
    'body-depth': {
      effect: 'A body is parsed however deep it is nested.',
      find: 'if (++depth > depthMax) return true',
      replace: 'if (++depth > 10_000_000) return true',
      test: 'P11: a body of many levels of objects is refused [trap: payloads]',
    },
    'body-without-end': {
      effect: 'A body that declares no length may be a thousand times longer than the limit.',
      find: 'if (bytes > bodyBytesMax) throw tooLarge(bodyBytesMax)',
      replace: 'if (bytes > bodyBytesMax * 1_000) throw tooLarge(bodyBytesMax)',
      test: 'P11: a body without a declared length is refused as soon as it exceeds the limit [trap: payloads]',
    },
    'doubled-key-guessed': {
      effect: 'Of two headers Idempotency-Key, their joined text is taken for the key.',
      find: '/^"|[,;]/.test(header)',
      replace: '/^"|[;]/.test(header)',
      test: 'a doubled or malformed header Idempotency-Key is refused, and nothing is guessed: a, a',
      promises: ['P3', 'P11'],
    },
    'form-as-json': {
      effect: 'A form that another page sends is read as JSON.',
      find: "if (essence?.trim() !== 'application/json' || !utf8)",
      replace: 'if (essence === undefined)',
      test: 'P12: the media type "text/plain", which a form could send or which is not JSON, is refused [trap: access]',
    },
    'internal-documented': {
      effect: 'The OpenAPI document lists internal commands.',
      find: 'commandsOf(service).filter(({ exposed }) => exposed)',
      replace: 'commandsOf(service)',
      test: 'the OpenAPI documents list what is exposed, and nothing internal',
      promises: ['P12'],
    },
    'internal-named': {
      effect: 'A caller can tell an internal command from one that does not exist.',
      find: 'if (part !== undefined && this.#development) {',
      replace: 'if (part !== undefined) {',
      test: 'P12: a command that is internal is answered like a name that does not exist [trap: access]',
    },
    'internal-reached': {
      effect: 'Anybody may send a command that is meant for the service itself.',
      find: 'if (part?.exposed === true) return',
      replace: 'if (part !== undefined) return',
      test: "P12: a decider's command that is internal is answered like a name that does not exist [trap: access]",
    },
    'internals-disclosed': {
      effect: 'A caller gets the text of an internal error.',
      find: "if (!isTidingsError(error)) return internal('HANDLER_FAILED', what)",
      replace: "if (!isTidingsError(error)) return { ...internal('HANDLER_FAILED', what), detail: String(error) }",
      test: 'a failing handler reveals nothing to the caller, and everything to the log [trap: access]',
      promises: ['P12'],
    },
    'no-content-policy': {
      effect: 'A browser may show an answer as a page.',
      find: "'content-security-policy': \"default-src 'none'; frame-ancestors 'none'\",",
      test: 'P12: every answer, problems too, has the security headers [trap: access]',
    },
    'no-token': {
      effect: 'Operations need no token.',
      find: "if (!(await hasToken(exchange.headers.get('authorization'), token)))",
      replace: "if (token === '')",
      test: 'P12: with no token every operation is refused [trap: access]',
    },
    'number-rounded': {
      effect: 'A number that a double does not hold is rounded in silence.',
      find: 'if (inexact !== undefined) refuseNumber(inexact)',
      test: 'P11: 1.000000000000000005 is refused, because it would be read as 1 [trap: payloads]',
    },
    unauthorized: {
      effect: 'A caller whom `authorize` does not know is let in.',
      find: 'if (who === undefined) throw',
      replace: 'if (who === undefined) return null; if (who === null) throw',
      test: 'P12: if authorize gives undefined, commands, queries and documents are refused before a body is read [trap: access]',
    },
  },
  '@tidings/node': {
    'absolute-host': {
      effect: 'A request line may name another host than the Host header, so a proxy and the API see two hosts.',
      find: "host !== withoutDefaultPort(url, headers.host ?? '')",
      replace: 'false',
      test: 'one process and the front of several answer alike > P12: the same answer to absolute-form with a foreign host',
      promises: ['P12'],
      traps: ['access'],
    },
    'first-of-two-hosts': {
      effect: 'Of two Host headers the first one counts, and a proxy may go by the second.',
      find: 'if (hosts !== 1) return',
      replace: 'if (hosts === 0) return',
      test: 'one process and the front of several answer alike > P12: the same answer to two Host headers',
      promises: ['P12'],
      traps: ['access'],
    },
    'page-of-any-script': {
      effect: 'A page may run scripts of any origin.',
      find: '"default-src \'self\'",',
      replace: '"default-src *",',
      test: 'P12: a page may use only its own origin, run no inline scripts, and be framed by no other page [trap: access]',
    },
    'secrets-in-the-log': {
      effect: 'Passwords and tokens are written into the log.',
      find: 'paths: [...secretPaths, ...(options.redact ?? [])]',
      replace: 'paths: [...(options.redact ?? [])]',
      test: 'log lines are JSON with level, time, service and fields, and secrets are redacted at any of three levels [trap: access]',
      promises: ['P12'],
    },
    'text-log-acts-on-terminal': {
      effect: 'A text in the log can colour the terminal, move its cursor or start a line of its own.',
      find: 'return text.replace(acting,',
      replace: 'return text.replace(/$^/gu,',
      test: 'nothing in a line starts a line of its own, colours it or reverses it, and secrets are redacted [trap: access]',
      promises: ['P12'],
    },
    'token-sent-anywhere': {
      effect: 'A token is sent to any machine that a file names.',
      find: "isLoopback(url.hostname.replace(/^\\[(.*)\\]$/, '$1'))",
      replace: 'url.hostname !== ""',
      test: 'P12: a run file for another machine is ignored, so that a token is sent to this machine only [trap: access]',
    },
  },
  '@tidings/sqlite': {
    'path-of-a-store': {
      effect: 'The name of a service may lead out of the folder of its store.',
      find: "checkName('service', service)",
      replace: 'void checkName',
      test: 'the service name "../orders" cannot leave the folder [trap: names]',
      promises: ['P12'],
    },
  },
}
