import type { PaperLanguage } from '../domain/kernel/paper.ts'

/** The few words that a renderer adds of its own. */
interface PaperWords {
  readonly page: (no: number, of: number) => string
  /** of a table without rows */
  readonly none: string
  /** sheet of what is not a table */
  readonly overview: string
  /** below a document in whose fonts characters are missing */
  readonly missing: (codes: string) => string
}

export const paperWords: Readonly<Record<PaperLanguage, PaperWords>> = {
  en: {
    page: (no, of) => `Page ${no} of ${of}`,
    none: 'None',
    overview: 'Overview',
    missing: (codes) => `Characters that the fonts of this document do not have are written as their codes: ${codes}.`,
  },
  'zh-CN': {
    page: (no, of) => `第 ${no} 页，共 ${of} 页`,
    none: '无',
    overview: '概览',
    missing: (codes) => `本文件字体缺少的字符以其编码表示：${codes}。`,
  },
}
