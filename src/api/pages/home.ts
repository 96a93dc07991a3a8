import type { FastifyInstance, FastifyRequest } from 'fastify'
import { aboutThis } from '../routes/health.ts'
import type { ApiPorts } from '../ports.ts'
import { languageOf, type Language } from '../problem.ts'
import { homeScript } from './homeScript.ts'
import { liveBody, liveWords } from './live.ts'
import { liveScript } from './liveScript.ts'
import { escapeHtml as text } from '../../documents/escapeHtml.ts'
import { sendPage } from './page.ts'
import { tryItScript } from './tryItScript.ts'

const words = {
  en: {
    name: 'Channel ledger',
    tagline: 'Orders, stock, prices and rebates of a dealer channel, as immutable events.',
    other: '中文',
    running: 'What is running',
    store: 'Log',
    mode: 'Mode',
    version: 'Version',
    filling: 'The demonstration channel is being filled; pages answer meanwhile.',
    filled: 'The demonstration channel is complete.',
    noDemonstration: 'No demonstration channel runs here.',
    readOnly: 'The disk is nearly full: commands are refused, reads go on.',
    model: 'Read model',
    position: 'Position',
    events: 'Events behind',
    seconds: 'Seconds behind',
    hidden: 'Signed in administrators see the read models at /v1/projections.',
    go: 'Where to go',
    live: 'Figures and alerts, live',
    tryIt: 'Every operation, to try',
    openapi: 'The OpenAPI 3.1 document',
    problems: 'Every error code, explained',
    ready: 'Is it ready',
    about: 'This page as JSON',
    signIn: 'Sign in',
    signInHow: 'Choose somebody: the session stays in this tab, and the pages use it. For other programs:',
    signInElse: 'Send a token of the OIDC issuer, or an API key made by an administrator:',
    three: 'Three things to try',
    first: 'What happened last, in sentences',
    second: 'The dealers as they were a year ago',
    third: 'A dealer sees its own orders and nobody else’s: sign in as a dealer’s staff, then ask',
    run: 'Run',
    needed: 'Sign in first.',
    filter: 'Filter operations',
    authorization: 'Authorization',
    choose: 'Choose an operation.',
    send: 'Send',
    body: 'Body',
    answer: 'Answer',
    home: 'Start page',
  },
  'zh-CN': {
    name: '渠道账本',
    tagline: '经销渠道的订单、库存、价格与返利，皆为不可更改的事件。',
    other: 'English',
    running: '运行状态',
    store: '日志存储',
    mode: '模式',
    version: '版本',
    filling: '演示渠道正在生成，页面可同时使用。',
    filled: '演示渠道已就绪。',
    noDemonstration: '此处未运行演示渠道。',
    readOnly: '磁盘空间不足：拒绝写入命令，仍可读取。',
    model: '读模型',
    position: '位置',
    events: '落后事件数',
    seconds: '落后秒数',
    hidden: '管理员登录后可在 /v1/projections 查看读模型。',
    go: '去哪里看',
    live: '实时看板与提醒',
    tryIt: '所有接口，可直接试用',
    openapi: 'OpenAPI 3.1 文档',
    problems: '全部错误代码说明',
    ready: '是否就绪',
    about: '本页内容（JSON）',
    signIn: '登录',
    signInHow: '请选择一个身份：会话仅保存在此标签页，供页面使用。其他程序可用：',
    signInElse: '请使用 OIDC 令牌，或管理员创建的 API 密钥：',
    three: '三件可以试的事',
    first: '最近发生了什么（以句子呈现）',
    second: '一年前的经销商名录',
    third: '经销商只能看到自己的订单：以经销商员工身份登录后查询',
    run: '运行',
    needed: '请先登录。',
    filter: '筛选接口',
    authorization: '授权',
    choose: '请选择一个接口。',
    send: '发送',
    body: '请求正文',
    answer: '响应',
    home: '首页',
  },
} as const satisfies Record<Language, Record<string, string>>

/** `/` says what runs and where to go; `/live` shows what happens; `/docs` lists every operation and sends requests. */
export function pageRoutes(app: FastifyInstance, ports: ApiPorts): void {
  const open = { schema: { hide: true }, config: { open: true as const } }
  app.get('/', open, async (request, reply) => {
    const language = chosen(request)
    return sendPage(reply, {
      language,
      title: words[language].name,
      body: await homeBody(ports, language),
      script: homeScript(words[language]),
    })
  })
  app.get('/live', open, async (request, reply) => {
    const language = chosen(request)
    const title = liveWords[language].title
    const body = `${heading(language, title, '/live')}${liveBody(language)}`
    return sendPage(reply, {
      language,
      title: `${words[language].name} · ${title}`,
      body,
      script: liveScript(liveWords[language]),
    })
  })
  app.get('/docs', open, async (request, reply) => {
    const language = chosen(request)
    const w = words[language]
    return sendPage(reply, { language, title: `${w.name} · API`, body: docsBody(language), script: tryItScript(w) })
  })
}

/** The language of the switch, else the browser's. */
function chosen(request: FastifyRequest): Language {
  const given: unknown = (request.query as Readonly<Record<string, unknown>>)['lang'] // an object of whatever was given
  return given === 'en' || given === 'zh-CN' ? given : languageOf(request)
}

function heading(language: Language, title: string, path: string): string {
  const other = language === 'en' ? 'zh-CN' : 'en'
  return `<header><h1>${title}</h1><span class="soft">${words[language].tagline}</span><a class="end" href="${path}?lang=${other}" hreflang="${other}">${words[language].other}</a></header>`
}

async function homeBody(ports: ApiPorts, language: Language): Promise<string> {
  const w = words[language]
  const { version, mode, store, readOnly, demonstration, models } = await aboutThis(ports)
  const people = mode === 'development' ? ports.demonstration?.().principals : undefined
  const links = [
    [`/live?lang=${language}`, w.live],
    [`/docs?lang=${language}`, w.tryIt],
    ['/openapi.json', w.openapi],
    ['/problems', w.problems],
    ['/readyz', w.ready],
    ['/v1/about', w.about],
  ]
  const experiments = [
    ['/v1/activity?limit=5', w.first],
    [`/v1/dealers?limit=3&asOf=${new Date(ports.now() - 365 * 86_400_000).toISOString().slice(0, 10)}`, w.second],
    ['/v1/orders?limit=3', w.third],
  ]
  return `${heading(language, w.name, '/')}<main>
<section><h2>${w.running}</h2>
<p>${w.version} <b>${text(version)}</b> · ${w.store} <b>${store}</b> · ${w.mode} <b>${mode}</b></p>
<p id="readonly" class="bad"${readOnly ? '' : ' hidden'}>${w.readOnly}</p>
${
  demonstration
    ? `<p id="demo">${demonstration.done < demonstration.total ? w.filling : w.filled}</p><progress id="bar" max="${demonstration.total}" value="${demonstration.done}"></progress>`
    : `<p class="soft">${w.noDemonstration}</p>`
}
${
  models
    ? `<div class="wrap"><table><thead><tr><th>${w.model}</th><th class="n">${w.position}</th><th class="n">${w.events}</th><th class="n">${w.seconds}</th></tr></thead><tbody id="models"></tbody></table></div>`
    : `<p class="soft">${w.hidden}</p>`
}
</section>
<div class="cards"><section><h2>${w.go}</h2><ul>${links.map(([path, label]) => `<li><a href="${path}">${label}</a></li>`).join('')}</ul></section>
<section><h2>${w.signIn}</h2>${
    people
      ? `<p class="soft">${w.signInHow}</p><pre id="curl">curl -s -X POST /v1/demo/sign-in -H 'content-type: application/json' -d '{"principal":"…"}'</pre><p id="who" class="good" role="status"></p><div>${people
          .map(
            ({ id, name, role, dealerId }) =>
              `<button class="plain" data-sign-in="${text(id)}">${text(name)} <span class="soft">${text([role, dealerId].filter(Boolean).join(' · '))}</span></button><br>`,
          )
          .join('')}</div>`
      : `<p>${w.signInElse}</p><pre>Authorization: Bearer …\nAuthorization: ApiKey &lt;keyId&gt;.&lt;secret&gt;</pre>`
  }</section></div>
<section><h2>${w.three}</h2>${experiments
    .map(
      ([path, label]) =>
        `<h3>${label}</h3><div class="row"><button data-run="${text(path ?? '')}">${w.run}</button><code>GET ${text(path ?? '')}</code></div>`,
    )
    .join('')}<pre id="result" hidden aria-live="polite"></pre></section></main>`
}

function docsBody(language: Language): string {
  const w = words[language]
  return `${heading(language, `${w.name} · API`, '/docs')}<main><p><a href="/?lang=${language}">${w.home}</a></p><div class="split">
<section><label for="filter">${w.filter}</label><input id="filter" type="search"><div id="operations" class="list"></div></section>
<section><label for="authorization">${w.authorization}</label><input id="authorization" autocomplete="off" spellcheck="false" placeholder="Bearer … / ApiKey …"><div id="operation"><p class="soft">${w.choose}</p></div></section></div></main>`
}
