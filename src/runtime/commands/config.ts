import { type Command } from '../commandLine.ts'
import { describeSettings, readSettings } from '../settings.ts'

export const configCommand: Command = {
  name: 'config',
  summary: 'Print all settings, their values and what they mean; secrets stay hidden',
  usage: ['config [--json | --markdown]'],
  options: { markdown: { type: 'boolean', description: 'as the table in docs/operations.md' } },
  run({ settings, options, json, out }) {
    const lines = describeSettings(settings, process.env)
    if (json) out.write(`${JSON.stringify(lines, null, 2)}\n`)
    else if (options['markdown']) {
      out.write('| Setting | Default | What it is |\n|---|---|---|\n')
      for (const { env, value, secret, description } of describeSettings(readSettings({}), {}))
        out.write(`| \`${env}\`${secret ? `, \`${env}_FILE\`` : ''} | ${value && `\`${value}\``} | ${description} |\n`)
    } else {
      for (const { env, value, given, description } of lines)
        out.write(`${env}=${value}${given ? '' : '  (default)'}\n    ${description}\n`)
    }
    return Promise.resolve(0)
  },
}
