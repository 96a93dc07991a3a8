/** The script of the start page: keeps the figures fresh, signs in, runs the three experiments. */
export function homeScript(words: {
  readonly filling: string
  readonly filled: string
  readonly needed: string
}): string {
  return `'use strict'
const words = ${JSON.stringify({ filling: words.filling, filled: words.filled, needed: words.needed })}
const by = (id) => document.getElementById(id)
const token = () => sessionStorage.getItem('channel-ledger.authorization')
async function refresh() {
  try {
    const about = await (await fetch('/v1/about')).json()
    by('readonly').hidden = !about.readOnly
    const running = about.demonstration && about.demonstration.done < about.demonstration.total
    if (about.demonstration) {
      by('bar').max = Math.max(1, about.demonstration.total)
      by('bar').value = about.demonstration.total === 0 ? 1 : about.demonstration.done
      by('demo').textContent = running ? words.filling + ' ' + about.demonstration.done + ' / ' + about.demonstration.total : words.filled
    }
    if (about.models) by('models').replaceChildren(...about.models.map((model) => {
      const row = document.createElement('tr')
      const cells = [model.model + ' v' + model.version + (model.state === 'active' ? '' : ' …'), model.position, model.eventsBehind ?? '', model.secondsBehind.toFixed(1)]
      cells.forEach((value, index) => { const cell = row.insertCell(); cell.textContent = value; if (index > 0) cell.className = 'n' })
      return row
    }))
    setTimeout(refresh, running ? 1000 : 5000)
  } catch { setTimeout(refresh, 5000) }
}
async function signIn(principal) {
  const answer = await fetch('/v1/demo/sign-in', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ principal }) })
  const body = await answer.json()
  if (!answer.ok) { by('who').textContent = body.title; return }
  sessionStorage.setItem('channel-ledger.authorization', 'Bearer ' + body.token)
  by('who').textContent = '✓ ' + body.principal.name
  by('curl').textContent = "curl -s " + location.origin + "/v1/me -H 'authorization: Bearer " + body.token + "'"
}
async function run(path) {
  const result = by('result')
  result.hidden = false
  if (!token()) { result.textContent = words.needed; return }
  const answer = await fetch(path, { headers: { authorization: token() } })
  result.textContent = 'HTTP ' + answer.status + '\\n' + JSON.stringify(await answer.json(), null, 2)
}
addEventListener('click', (event) => {
  const button = event.target instanceof Element ? event.target.closest('button') : null
  if (button?.dataset.signIn) void signIn(button.dataset.signIn)
  if (button?.dataset.run) void run(button.dataset.run)
})
void refresh()
`
}
