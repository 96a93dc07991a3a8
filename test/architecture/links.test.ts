import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..', '..')
const apart = new Set(['node_modules', 'dist', 'dist-bench', 'coverage'])

interface Link {
  readonly text: string
  /** as written */
  readonly target: string
  /** of the file that it points to */
  readonly path: string
  readonly anchor: string
}

function pagesIn(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name)
    if (entry.isDirectory()) return apart.has(entry.name) || entry.name.startsWith('.') ? [] : pagesIn(path)
    return entry.name.endsWith('.md') ? [path] : []
  })
}

/** The links of a page to files of this project; code blocks hold none. */
function linksOf(page: string): Link[] {
  const text = readFileSync(page, 'utf8').replaceAll(/^ *```[\s\S]*?^ *```/gm, '')
  const found = [...text.matchAll(/\[([^\]]*)\]\(([^)\s]+)\)/g)].map(([, words = '', target = '']) => {
    const [path = '', anchor = ''] = target.split('#')
    return { text: words, target, path: path === '' ? page : resolve(dirname(page), decodeURI(path)), anchor }
  })
  return found.filter(({ target }) => !/^[a-z]+:/.test(target))
}

/** What GitHub makes of a heading. */
function anchorsIn(page: string): string[] {
  const headings = [...readFileSync(page, 'utf8').matchAll(/^#+ +(.+)$/gm)]
  return headings.map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\- _]/gu, '')
      .replaceAll(' ', '-'),
  )
}

const pages = pagesIn(root).map((page) => [relative(root, page), linksOf(page)] as const)

test('the pages are found, and link', () => {
  expect(pages.map(([page]) => page)).toEqual(
    expect.arrayContaining(['README.md', 'CONTRIBUTING.md', join('docs', 'architecture.md')]),
  )
  expect(pages.flatMap(([, links]) => links).length).toBeGreaterThan(50)
})

describe.each(pages)('%s', (_, links) => {
  test('links to files that exist, inside the project', () => {
    const wrong = links.filter(({ path }) => !existsSync(path) || relative(root, path).startsWith('..'))
    expect(wrong.map(({ target }) => target)).toEqual([])
  })

  test('links to headings that exist', () => {
    const toHeadings = links.filter(({ path, anchor }) => anchor !== '' && path.endsWith('.md') && existsSync(path))
    expect(
      toHeadings.filter(({ path, anchor }) => !anchorsIn(path).includes(anchor)).map(({ target }) => target),
    ).toEqual([])
  })

  test('names what the linked source files hold', () => {
    const wrong = links.filter(({ text, path }) => {
      const [, name] = /^`(\w+)`$/.exec(text) ?? []
      if (name === undefined || !path.endsWith('.ts') || !existsSync(path)) return false
      return !new RegExp(String.raw`\b(function|const|interface|type|class) ${name}\b`).test(readFileSync(path, 'utf8'))
    })
    expect(wrong.map(({ text, target }) => `${text} in ${target}`)).toEqual([])
  })
})
