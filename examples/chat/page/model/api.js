// Calls the HTTP API of the services, which has the page's own origin.

/** A rejection, or no answer; the message is for people. */
export class ApiError extends Error {
  /**
   * @param {string} message
   * @param {string} code
   */
  constructor(message, code) {
    super(message)
    this.code = code
  }
}

/**
 * Sends a command. If it is sent again with the same key, it is executed once.
 * @param {string} service
 * @param {string} name
 * @param {unknown} input
 * @param {string} [key]
 */
export const command = (service, name, input, key) =>
  post(`/${service}/commands/${name}`, input, key === undefined ? {} : { 'idempotency-key': key })

/**
 * Sends a query.
 * @param {string} service
 * @param {string} name
 * @param {unknown} input
 */
export const query = (service, name, input) => post(`/${service}/queries/${name}`, input, {})

/**
 * @param {string} path
 * @param {unknown} input
 * @param {Record<string, string>} headers
 */
async function post(path, input, headers) {
  const response = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(input),
  }).catch(() => {
    throw new ApiError('There is no connection just now.', 'no-connection')
  })
  const answer = await response.json().catch(() => ({}))
  if (response.ok) return answer
  throw new ApiError(wordsOf(answer), answer.rejection?.code ?? answer.code ?? 'unknown')
}

/** @param {{ status?: number, detail?: string, issues?: { message: string }[] }} problem */
function wordsOf({ status = 500, detail, issues }) {
  if (status === 503) return 'The service is away for a moment.'
  return issues?.[0]?.message ?? detail ?? 'Something went wrong.'
}
