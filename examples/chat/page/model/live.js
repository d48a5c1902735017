// Reads all live queries over one connection: a browser opens at most six to an origin, and commands need some too.
// Invariant: a snapshot replaces the state, so nothing is missing after a lost connection.

/** @typedef {{ key: string, row: unknown }} Row */

/**
 * One live query and its listeners.
 * @typedef {object} Part
 * @property {string} service
 * @property {string} name
 * @property {unknown} input
 * @property {(rows: Row[]) => void} onSnapshot
 * @property {(row: Row) => void} onPut
 * @property {(key: string) => void} onRemove
 */

/**
 * @typedef {object} Listener
 * @property {(state: 'open' | 'lost') => void} onConnection
 * @property {(service: string, isAway: boolean) => void} onService
 */

const againMs = 1_500

/**
 * Reads live queries until it is stopped.
 * @param {readonly Part[]} parts
 * @param {Listener} listener
 * @returns {() => void} stops it
 */
export function readLive(parts, { onConnection, onService }) {
  const of = JSON.stringify(parts.map(({ service, name, input }) => [service, name, input]))
  /** @type {EventSource | undefined} */
  let source
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer

  /** @param {Event} event @param {(part: Part, data: any) => void} use */
  const dispatch = (event, use) => {
    const { of: index, ...data } = JSON.parse(/** @type {MessageEvent<string>} */ (event).data)
    const part = parts[index]
    if (part !== undefined) use(part, data)
  }
  const open = () => {
    source?.close()
    source = new EventSource(`/live?of=${encodeURIComponent(of)}`)
    source.onopen = () => onConnection('open')
    source.onerror = () => {
      onConnection('lost')
      // The browser reconnects after a broken connection, but not after an error response.
      clearTimeout(timer)
      if (source?.readyState === EventSource.CLOSED) timer = setTimeout(open, againMs)
    }
    source.addEventListener('snapshot', (event) =>
      dispatch(event, (part, { rows }) => {
        onService(part.service, false)
        part.onSnapshot(rows)
      }),
    )
    source.addEventListener('put', (event) => dispatch(event, (part, row) => part.onPut(row)))
    source.addEventListener('remove', (event) => dispatch(event, (part, { key }) => part.onRemove(key)))
    for (const name of ['away', 'refused'])
      source.addEventListener(name, (event) => dispatch(event, (part) => onService(part.service, true)))
  }
  open()
  return () => {
    clearTimeout(timer)
    source?.close()
  }
}
