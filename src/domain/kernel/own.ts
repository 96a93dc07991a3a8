/** An entry of a record that outside identifiers are keys of: `constructor` and its like are ordinary names here. */
export function own<T>(record: Readonly<Record<string, T>>, key: string | number): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined
}
