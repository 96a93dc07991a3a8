/** Last opened, first closed, each once; one that fails does not keep the others open. */
export async function closeInTurn(closers: (() => Promise<unknown>)[]): Promise<void> {
  for (const close of closers.splice(0).toReversed()) await close().catch(() => undefined)
}
