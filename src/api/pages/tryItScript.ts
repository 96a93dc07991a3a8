/**
 * The script of `/docs`: lists the operations of the OpenAPI document, makes a form of the chosen one with an example body,
 * sends it and shows the answer. Everything is put in as text, never as HTML.
 */
export function tryItScript(words: { readonly send: string; readonly body: string; readonly answer: string }): string {
  return `'use strict'
const words = ${JSON.stringify({ send: words.send, body: words.body, answer: words.answer })}
const by = (id) => document.getElementById(id)
const make = (name, properties, ...children) => { const node = Object.assign(document.createElement(name), properties); node.append(...children); return node }
const stored = 'channel-ledger.authorization'
let document_ = { paths: {} }
by('authorization').value = sessionStorage.getItem(stored) ?? ''
by('authorization').addEventListener('input', () => sessionStorage.setItem(stored, by('authorization').value))

function resolve(schema) {
  if (!schema?.$ref) return schema ?? {}
  return schema.$ref.split('/').slice(1).reduce((at, key) => at?.[key], document_) ?? {}
}
function example(given, depth = 0) {
  const schema = resolve(given)
  if ('default' in schema) return schema.default
  if ('const' in schema) return schema.const
  if (schema.enum) return schema.enum[0]
  const choice = schema.anyOf ?? schema.oneOf
  if (choice) return example(choice[0], depth)
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map((part) => example(part, depth)))
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type
  if (type === 'object') {
    if (depth > 6) return {}
    const needed = new Set(schema.required ?? [])
    return Object.fromEntries(Object.entries(schema.properties ?? {}).filter(([name]) => needed.has(name)).map(([name, inner]) => [name, example(inner, depth + 1)]))
  }
  if (type === 'array') return (schema.minItems ?? 0) > 0 ? [example(schema.items, depth + 1)] : []
  if (type === 'integer' || type === 'number') return Math.max(1, schema.minimum ?? 1)
  if (type === 'boolean') return false
  return ''
}
function operations() {
  return Object.entries(document_.paths).flatMap(([path, methods]) =>
    Object.entries(methods).filter(([, operation]) => operation.operationId).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })))
}
function list() {
  const wanted = by('filter').value.toLowerCase()
  const groups = new Map()
  for (const one of operations()) {
    const text = [one.method, one.path, one.operation.summary, one.operation.operationId].join(' ').toLowerCase()
    if (!text.includes(wanted)) continue
    const tag = one.operation.tags?.[0] ?? ''
    groups.set(tag, [...(groups.get(tag) ?? []), one])
  }
  by('operations').replaceChildren(...[...groups].flatMap(([tag, some]) => [
    make('h3', { textContent: tag }),
    ...some.map((one) => {
      const button = make('button', { className: 'plain', title: one.path }, make('span', { className: 'method', textContent: one.method }), one.operation.summary ?? one.path)
      button.addEventListener('click', () => { location.hash = one.operation.operationId })
      return button
    }),
  ]))
}
function field(parameter) {
  const input = make('input', { name: parameter.name, spellcheck: false, placeholder: parameter.schema?.default ?? '' })
  if (parameter.name === 'idempotency-key') input.value = crypto.randomUUID?.() ?? String(Math.random()).slice(2)
  const label = make('label', { textContent: parameter.name + (parameter.required ? ' *' : '') + ' · ' + parameter.in + (parameter.description ? ' · ' + parameter.description : '') })
  label.append(input)
  return { parameter, input, label }
}
function show() {
  const found = operations().find(({ operation }) => operation.operationId === decodeURIComponent(location.hash.slice(1)))
  if (!found) return
  const { path, method, operation } = found
  const fields = (operation.parameters ?? []).map(field)
  const schema = operation.requestBody?.content?.['application/json']?.schema
  const body = schema && make('textarea', { rows: 14, spellcheck: false, value: JSON.stringify(example(schema), null, 2) })
  const answer = make('pre', { hidden: true })
  const send = make('button', { textContent: words.send })
  send.addEventListener('click', async () => {
    answer.hidden = false
    answer.textContent = '…'
    let url = path
    const query = new URLSearchParams()
    const headers = {}
    for (const { parameter, input } of fields) {
      if (parameter.in === 'path') url = url.replace('{' + parameter.name + '}', encodeURIComponent(input.value))
      else if (input.value === '') continue
      else if (parameter.in === 'query') query.set(parameter.name, input.value)
      else headers[parameter.name] = input.value
    }
    if (by('authorization').value) headers.authorization = by('authorization').value
    if (body) headers['content-type'] = 'application/json'
    const search = query.size > 0 ? '?' + query : ''
    try {
      const got = await fetch(url + search, { method, headers, ...(body && { body: body.value }) })
      const text = await got.text()
      let shown = text
      try { shown = JSON.stringify(JSON.parse(text), null, 2) } catch {}
      const told = ['etag', 'channel-ledger-position', 'idempotency-replayed', 'retry-after', 'x-correlation-id'].filter((name) => got.headers.has(name)).map((name) => name + ': ' + got.headers.get(name))
      answer.textContent = ['HTTP ' + got.status, ...told, '', shown].join('\\n')
    } catch (error) { answer.textContent = String(error) }
  })
  const full = schema && make('details', {}, make('summary', { textContent: 'JSON Schema' }), make('pre', { textContent: JSON.stringify(schema, null, 2) }))
  by('operation').replaceChildren(
    make('h2', { textContent: operation.summary ?? path }),
    make('p', {}, make('span', { className: 'method', textContent: method }), make('code', { textContent: path })),
    make('p', { className: 'soft', textContent: operation.description ?? '' }),
    ...fields.map(({ label }) => label),
    ...(body ? [make('label', { textContent: words.body }), body, full] : []),
    make('div', { className: 'row' }, send),
    answer,
  )
}
by('filter').addEventListener('input', list)
addEventListener('hashchange', show)
fetch('/openapi.json').then((answer) => answer.json()).then((found) => { document_ = found; list(); show() })
`
}
