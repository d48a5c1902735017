// Checks the token of a control endpoint. It compares digests, so that the time it takes reveals nothing about the token.

const encoder = new TextEncoder()

/** Whether an `Authorization` header has the token. */
export async function hasToken(header: string | null, token: string): Promise<boolean> {
  const given = /^Bearer ([A-Za-z0-9_-]{1,200})$/i.exec(header ?? '')?.[1] ?? ''
  const [a, b] = await Promise.all([digest(given), digest(token)])
  let difference = 0
  for (const [index, byte] of a.entries()) difference |= byte ^ (b[index] ?? 0)
  return difference === 0
}

async function digest(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', encoder.encode(text)))
}
