import type { Role } from '../domain/access/role.ts'

/** Groups of roles that routes name (design.md §7). Reading has its audiences in `queryRoute.ts`. */
export const sales: readonly Role[] = ['admin', 'sales']
export const finance: readonly Role[] = ['admin', 'finance']
export const manufacturer: readonly Role[] = ['admin', 'sales', 'finance']
/** who argues about settlements and statements: the manufacturer's finance, and a dealer's */
export const settling: readonly Role[] = ['admin', 'finance', 'dealer']
export const admin: readonly Role[] = ['admin']
/** the manufacturer's sales, or a dealer's staff for their own dealer */
export const trade: readonly Role[] = ['admin', 'sales', 'dealer']
/** who claims what a dealer is promised: the manufacturer for it, or its own staff */
export const claimants: readonly Role[] = ['admin', 'sales', 'finance', 'dealer']
/** who moves goods or holds stock: the manufacturer, and a dealer its own */
export const goods: readonly Role[] = ['admin', 'sales', 'dealer']
/** supply is announced and sent by suppliers too; nothing else ties a supplier to anybody's stock or orders */
export const supply: readonly Role[] = ['admin', 'sales', 'supplier', 'dealer']
export const everybody: readonly Role[] = ['admin', 'sales', 'finance', 'dealer', 'supplier', 'analyst', 'auditor']
