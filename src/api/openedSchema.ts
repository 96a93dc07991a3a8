import { z } from 'zod'
import { erasedText, sealedText } from '../domain/kernel/fields.ts'

const openedText = z.union([z.string(), erasedText])

/** A row's schema as the API shows it: where the read model holds a sealed text, the answer has it opened, or says that it was erased. */
export function openedSchema(schema: z.ZodType): z.ZodType {
  if ((schema as unknown) === sealedText) return openedText
  // what zod says a type is made of is a schema of the classic kind, as all of ours are
  if (schema instanceof z.ZodObject) {
    const fields = Object.entries(schema.shape).map(([name, field]) => [name, openedSchema(field as z.ZodType)])
    const opened = z.object(Object.fromEntries(fields))
    const { catchall } = schema.def
    return catchall ? opened.catchall(openedSchema(catchall as z.ZodType)) : opened
  }
  if (schema instanceof z.ZodArray) return z.array(openedSchema(schema.element as z.ZodType))
  if (schema instanceof z.ZodNullable) return openedSchema(schema.unwrap() as z.ZodType).nullable()
  if (schema instanceof z.ZodOptional) return openedSchema(schema.unwrap() as z.ZodType).optional()
  if (schema instanceof z.ZodUnion) return z.union(schema.options.map((option) => openedSchema(option as z.ZodType)))
  return schema
}
