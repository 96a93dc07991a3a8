/** Categories are labels in the catalogue and codes in programmes. */
export function categoryCode(label: string): string {
  return label
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
}
