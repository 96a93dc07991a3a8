import { createHash } from 'node:crypto'
import type { FastifyReply } from 'fastify'
import { escapeHtml } from '../../documents/escapeHtml.ts'
import type { Language } from '../problem.ts'

export interface Page {
  readonly language: Language
  readonly title: string
  /** HTML: whatever is not ours in it went through `escapeHtml` */
  readonly body: string
  readonly script: string
}

/** A page in one answer: nothing comes from elsewhere, and only this very script may run. */
export function sendPage(reply: FastifyReply, { language, title, body, script }: Page): FastifyReply {
  const policy = [
    "default-src 'none'",
    `style-src ${hashOf(style)}`,
    `script-src ${hashOf(script)}`,
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ]
  return reply
    .type('text/html; charset=utf-8')
    .header('content-language', language)
    .header('content-security-policy', policy.join('; '))
    .serializer((text: unknown) => String(text))
    .send(
      `<!doctype html>\n<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">` +
        `<title>${escapeHtml(title)}</title><style>${style}</style></head><body>${body}<script>${script}</script></body></html>\n`,
    )
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}

const style = `
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5c6878; --line: #d9dfe7; --paper: #fff; --ground: #f4f6f9; --accent: #0b63c5; --good: #1a7f4b; --bad: #b3261e }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --soft: #9aa7b8; --line: #313a47; --paper: #1a2029; --ground: #12161c; --accent: #6cb2ff; --good: #57c78e; --bad: #ff8a80 } }
* { box-sizing: border-box }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.55 system-ui, -apple-system, "Segoe UI", "PingFang SC", "Noto Sans CJK SC", sans-serif }
header, main { max-width: 1080px; margin: 0 auto; padding: 0 20px }
header { display: flex; align-items: baseline; gap: 14px; padding-top: 28px; padding-bottom: 10px; flex-wrap: wrap }
h1 { font-size: 25px; margin: 0; letter-spacing: -.01em } h2 { font-size: 17px; margin: 0 0 10px } h3 { font-size: 14px; margin: 14px 0 4px }
p { margin: 6px 0 } a { color: var(--accent) } .soft { color: var(--soft) } .end { margin-left: auto }
section { background: var(--paper); border: 1px solid var(--line); border-radius: 10px; padding: 18px 20px; margin: 14px 0 }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(300px, 1fr)); gap: 14px } .cards section { margin: 0 }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums } th { text-align: left; font-weight: 600; color: var(--soft) } td, th { padding: 4px 10px 4px 0; border-bottom: 1px solid var(--line) } td.n, th.n { text-align: right }
button { font: inherit; color: var(--paper); background: var(--accent); border: 0; border-radius: 7px; padding: 5px 13px; cursor: pointer } button.plain { background: none; color: var(--accent); padding: 2px 4px; text-align: left } button:focus-visible, a:focus-visible, input:focus-visible, textarea:focus-visible, select:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
input, textarea, select { font: inherit; width: 100%; color: inherit; background: var(--ground); border: 1px solid var(--line); border-radius: 7px; padding: 5px 9px } textarea, pre, code { font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace }
pre { background: var(--ground); border: 1px solid var(--line); border-radius: 7px; padding: 10px 12px; overflow: auto; max-height: 420px; white-space: pre-wrap; overflow-wrap: anywhere }
progress { width: 100%; height: 12px; accent-color: var(--accent) } .good { color: var(--good) } .bad { color: var(--bad) } ul { padding-left: 20px; margin: 6px 0 } li { margin: 3px 0 }
.split { display: grid; grid-template-columns: minmax(240px, 320px) 1fr; gap: 14px; align-items: start } @media (max-width: 760px) { .split { grid-template-columns: 1fr } } .list { max-height: 78vh; overflow: auto } .list button { display: block; width: 100% } label { display: block; margin: 8px 0 2px; color: var(--soft); font-size: 13px } .row { display: flex; gap: 10px; align-items: center; margin-top: 12px; flex-wrap: wrap } .method { display: inline-block; min-width: 52px; font: 600 12px ui-monospace, monospace; color: var(--soft) } .wrap { overflow-x: auto } ul.plain { list-style: none; padding: 0 }
.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(130px, 1fr)); gap: 12px; margin: 0 } .figures dt { color: var(--soft); font-size: 13px } .figures dd { margin: 0; font-size: 24px; font-variant-numeric: tabular-nums } .figures dd.small { font-size: 15px; overflow-wrap: anywhere }
.alert { border-left: 4px solid var(--line); padding: 6px 0 10px 12px; margin: 10px 0; overflow-wrap: anywhere } .alert.warning { border-color: #c77700 } .alert.critical { border-color: var(--bad) } .alert .row { margin-top: 4px } .badge { font-size: 12px; border: 1px solid currentColor; border-radius: 999px; padding: 0 8px } .badge.warning { color: #a86400 } .badge.critical { color: var(--bad) } [hidden] { display: none }
`
