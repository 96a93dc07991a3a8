import type { PaperLanguage } from './paper.ts'

/** A label in a language, or in the other one where it has only that. */
export function localText(
  label: { readonly en?: string | undefined; readonly 'zh-CN'?: string | undefined },
  language: PaperLanguage,
): string {
  return label[language] ?? label.en ?? label['zh-CN'] ?? ''
}
