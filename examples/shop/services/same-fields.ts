/** Whether two plain values say the same, field by field. */
export function sameFields<T extends Readonly<Record<string, string | number>>>(one: T, other: T): boolean {
  return Object.keys({ ...one, ...other }).every((name) => one[name] === other[name])
}
