// (written next)
export async function serve(_: {
  data: string | undefined
  visitors: number | undefined
  processes: boolean
}): Promise<number> {
  return 0
}
