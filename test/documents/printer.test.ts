import { expect, test } from 'vitest'
import { createPrinter, PaperTooLong, PrinterBusy, rowLimits } from '../../src/documents/printer.ts'
import { samplePaper } from '../support/samplePaper.ts'

test('a paper with more rows than a format takes is refused with both numbers, and printed in one that takes it', async () => {
  const printer = createPrinter()
  const paper = samplePaper(rowLimits.pdf + 1)
  await expect(printer.print(paper, 'pdf')).rejects.toEqual(new PaperTooLong(rowLimits.pdf + 1, rowLimits.pdf))
  const csv = Buffer.from(await printer.print(paper, 'csv')).toString()
  expect(csv.split('\r\n')).toHaveLength(rowLimits.pdf + 3)
})

test('papers are printed one after another; more than may wait are turned away, and then there is room again', async () => {
  const printer = createPrinter()
  const paper = samplePaper(3)
  const asked = await Promise.allSettled(Array.from({ length: 20 }, () => printer.print(paper, 'csv')))
  const refused = asked.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []))
  expect(refused).toHaveLength(4)
  for (const reason of refused) expect(reason).toBeInstanceOf(PrinterBusy)
  expect((await printer.print(paper, 'csv')).length).toBeGreaterThan(10)
})
