/**
 * A text that a spreadsheet would take for a formula gets an apostrophe before it. Spreadsheets look for its sign behind
 * blanks, tabs and line ends too, and in full width.
 */
export function harmlessCell(text: string): string {
  return /^[\s\p{Cc}\p{Cf}]*[=+\-@＝＋－＠]|^[\t\r\n]/u.test(text) ? `'${text}` : text
}
