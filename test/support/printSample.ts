import { createHash } from 'node:crypto'
import { createPrinter } from '../../src/documents/printer.ts'
import { paperFormats } from '../../src/documents/renderPaper.ts'
import { samplePaper } from './samplePaper.ts'

// Prints the sample in every format, in the printer's own thread, and writes the hashes of the bytes to standard output.
const printer = createPrinter()
const hashes: Record<string, string> = {}
for (const format of paperFormats) {
  const bytes = await printer.print(samplePaper(60, 'zh-CN'), format)
  hashes[format] = createHash('sha256').update(bytes).digest('hex')
}
await printer.close()
process.stdout.write(JSON.stringify(hashes))
