import { accountOf } from '../../../domain/credit/parties.ts'
import { text, type Surroundings, type Values } from '../kind.ts'
import { timeOf } from '../step.ts'

export const accountAt = async (values: Values, { load }: Surroundings, on: string, zone: string): Promise<string> => {
  const at = timeOf(values[on], values['zone'] ?? zone)
  return at.includes('[') ? accountOf(load, text(values, 'dealer_id'), at) : text(values, 'dealer_id')
}
