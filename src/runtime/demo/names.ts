import type { Right, Role } from '../../domain/access/role.ts'
import { companyZone, type Actor } from './world.ts'

/** Somebody who may sign in to the demonstration. */
export interface DemoPrincipal {
  readonly principalId: string
  readonly displayName: string
  readonly role: Role
  readonly dealerId?: string
  readonly rights?: readonly Right[]
  readonly zone: string
}

/** One per role, and the staff of a Chinese and of a German dealer. */
export const demoPrincipals: readonly DemoPrincipal[] = [
  { principalId: 'admin-lin', displayName: '林晓', role: 'admin', zone: companyZone },
  { principalId: 'sales-chen', displayName: '陈立', role: 'sales', zone: companyZone },
  { principalId: 'finance-wu', displayName: '吴静', role: 'finance', zone: companyZone },
  { principalId: 'analyst-meyer', displayName: 'Lena Meyer', role: 'analyst', zone: 'Europe/Berlin' },
  { principalId: 'auditor-brown', displayName: 'Alice Brown', role: 'auditor', zone: 'America/New_York' },
  { principalId: 'supplier-kato', displayName: 'Kenji Kato', role: 'supplier', zone: companyZone },
  {
    principalId: 'dealer-wang',
    displayName: '王伟',
    role: 'dealer',
    dealerId: 'CN001',
    zone: companyZone,
    rights: ['orders', 'stock', 'finance', 'staff'],
  },
  {
    principalId: 'dealer-li',
    displayName: '李娜',
    role: 'dealer',
    dealerId: 'CN001',
    zone: companyZone,
    rights: ['orders'],
  },
  {
    principalId: 'dealer-keller',
    displayName: 'Anna Keller',
    role: 'dealer',
    dealerId: 'EU001',
    zone: 'Europe/Berlin',
    rights: ['orders', 'stock', 'finance'],
  },
]

function actor(id: string): Actor {
  return { id, zone: demoPrincipals.find(({ principalId }) => principalId === id)?.zone ?? companyZone }
}

export const admin = actor('admin-lin')
export const sales = actor('sales-chen')
export const finance = actor('finance-wu')
export const supplier = actor('supplier-kato')
/** the maker's warehouse system */
export const warehouse: Actor = { id: 'warehouse', zone: companyZone }
