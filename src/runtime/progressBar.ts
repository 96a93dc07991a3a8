export interface ProgressBar {
  update(done: number, total: number, note?: string): void
  /** ends the line; what is printed next stands on its own */
  end(note?: string): void
}

interface Output {
  readonly isTTY?: boolean
  write(text: string): unknown
}

const width = 28

/** A bar on a terminal, redrawn at most ten times a second; elsewhere a plain line at every tenth. `now` in ms. */
export function createProgressBar(label: string, output: Output, now: () => number): ProgressBar {
  let drawnAt = Number.NEGATIVE_INFINITY
  let tenth = -1
  return {
    update(done, total, note = '') {
      const share = total > 0 ? Math.min(1, done / total) : 0
      const percent = `${Math.floor(share * 100)} %`
      if (!output.isTTY) {
        const reached = Math.floor(share * 10)
        if (reached > tenth) output.write(`${label}: ${percent} (${done} of ${total})${note && ` ${note}`}\n`)
        tenth = Math.max(tenth, reached)
        return
      }
      if (now() - drawnAt < 100 && done < total) return
      drawnAt = now()
      const filled = Math.round(share * width)
      output.write(
        `\r\u001B[2K${label} [${'='.repeat(filled)}${' '.repeat(width - filled)}] ${percent.padStart(5)} ${note}`,
      )
    },
    end(note = '') {
      if (output.isTTY) output.write(`\r\u001B[2K${note && `${note}\n`}`)
      else if (note) output.write(`${note}\n`)
    },
  }
}
