// Whose request it is, if proxies stand in front. A caller can write anything into X-Forwarded-For, so an entry counts only if a proxy that you
// trust has written it. Invariant: without `trustProxy`, the address is that of the connection.

/** Which proxies are trusted: how many stand in front, or their addresses (`10.0.0.7`) and networks (`10.0.0.0/8`, `fd00::/8`). */
export type TrustProxy = number | readonly string[]

/** Whether the proxy at an address is trusted; `hop` is 0 for the one that has called. */
export type IsTrustedProxy = (address: string, hop: number) => boolean

/** The address of the caller; `undefined` if the host does not know it. */
export function clientAddress(
  socketAddress: string | undefined,
  forwardedFor: string | null,
  isTrusted: IsTrustedProxy | undefined,
): string | undefined {
  if (socketAddress === undefined || isTrusted === undefined || forwardedFor === null) return socketAddress
  // Each proxy appends the address that it was called from.
  const passed = forwardedFor.split(',').reverse()
  let address = socketAddress
  for (let hop = 0; hop < passed.length && isTrusted(address, hop); hop++) {
    const before = plainAddress(passed[hop] ?? '')
    if (before === undefined) break
    address = before
  }
  return address
}

/** A key for counting by caller: an IPv4 address, or the network of an IPv6 address, of which one caller has 2^64 addresses. */
export function addressKey(address: string): string {
  const bits = bitsOf(address)
  return bits === undefined || bits.size === 32 ? plain(address) : `${(bits.value >> 64n).toString(16)}::/64`
}

/** What decides whom to trust, from the option. */
export function trustedBy(trustProxy: TrustProxy): IsTrustedProxy {
  if (typeof trustProxy === 'number') return (_address, hop) => hop < trustProxy
  const networks = trustProxy.flatMap((entry) => networkOf(entry) ?? [])
  return (address) => {
    const bits = bitsOf(address)
    return bits !== undefined && networks.some((network) => contains(network, bits))
  }
}

/** Whether an entry of `trustProxy` is an address or a network. */
export function isNetwork(entry: string): boolean {
  return networkOf(entry) !== undefined
}

interface Bits {
  readonly size: 32 | 128
  readonly value: bigint
}

interface Network extends Bits {
  readonly prefix: number
}

function contains(network: Network, { size, value }: Bits): boolean {
  const shift = BigInt(network.size - network.prefix)
  return size === network.size && value >> shift === network.value >> shift
}

function networkOf(entry: string): Network | undefined {
  const [address = '', length, ...more] = entry.split('/')
  const bits = bitsOf(address)
  if (bits === undefined || more.length > 0 || (length !== undefined && !/^\d{1,3}$/.test(length))) return undefined
  const prefix = length === undefined ? bits.size : Number(length)
  return prefix > bits.size ? undefined : { ...bits, prefix }
}

// An entry may have a port: `1.2.3.4:5678`, `[2001:db8::1]:5678`.
function plainAddress(entry: string): string | undefined {
  const text = entry.trim()
  const address = /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text
  return bitsOf(address) === undefined ? undefined : plain(address)
}

function plain(address: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address.toLowerCase()
}

function bitsOf(given: string): Bits | undefined {
  const address = plain(given)
  const four = fourBytes(address)
  if (four !== undefined) return { size: 32, value: four }
  if (!/^[0-9a-f:.]{2,45}$/.test(address) || !address.includes(':')) return undefined
  const [head = '', tail, ...more] = address.split('::')
  const left = groupsOf(head)
  const right = tail === undefined ? [] : groupsOf(tail)
  if (more.length > 0 || left === undefined || right === undefined) return undefined
  const missing = 8 - left.length - right.length
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined
  const groups = [...left, ...Array.from({ length: missing }, () => 0n), ...right]
  return { size: 128, value: groups.reduce((value, group) => (value << 16n) | group, 0n) }
}

function groupsOf(text: string): readonly bigint[] | undefined {
  if (text === '') return []
  const groups: bigint[] = []
  const parts = text.split(':')
  for (const [index, part] of parts.entries()) {
    const four = index === parts.length - 1 ? fourBytes(part) : undefined
    if (four !== undefined) groups.push(four >> 16n, four & 0xffffn)
    else if (/^[0-9a-f]{1,4}$/.test(part)) groups.push(BigInt(`0x${part}`))
    else return undefined
  }
  return groups
}

function fourBytes(text: string): bigint | undefined {
  const bytes = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number)
  if (bytes === undefined || bytes.some((byte) => byte > 255)) return undefined
  return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n)
}
