/** A pure reading of texts that repeat, with the last results kept: at most `limit`, then it begins anew. What throws is not kept. */
export function rememberByText<T>(limit: number, read: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>()
  return (text) => {
    const before = known.get(text)
    if (before !== undefined) return before
    const value = read(text)
    if (known.size >= limit) known.clear()
    known.set(text, value)
    return value
  }
}
