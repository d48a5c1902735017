/** Whether two plain objects have the same fields with the same values. */
export function sameFields<T extends Readonly<Record<string, string | number>>>(one: T, other: T): boolean {
  return Object.keys({ ...one, ...other }).every((name) => one[name] === other[name])
}
