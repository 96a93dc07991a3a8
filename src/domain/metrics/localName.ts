export interface LocalName {
  readonly en: string
  readonly 'zh-CN': string
}
