/** The text of a page of ours, with its entities read, without blanks: what of it must stand in a PDF. The foot is left out. */
export function htmlText(html: string): string {
  const main = /<main>([^]*?)<footer>/.exec(html)?.[1]
  if (main === undefined) throw new Error('no content')
  const text = main.replaceAll(/<[^>]*>/g, '')
  return withoutBlanks(text.replaceAll(/&#(\d+);/g, (_all, code: string) => String.fromCodePoint(Number(code))))
}

export function withoutBlanks(text: string): string {
  return text.replaceAll(/\s/g, '')
}
