import * as commands from '../../domain/calendars/commands.ts'
import { calendarAggregate } from '../../domain/calendars/decide.ts'
import { publishExchangeRate } from '../../domain/rates/commands.ts'
import { ratesAggregate } from '../../domain/rates/rates.ts'
import type { CommandRoute } from '../commandRoute.ts'
import { finance as roles } from '../roles.ts'

const one = '/v1/calendars/:calendarId'
const base = { aggregate: calendarAggregate, roles, kind: 'record', method: 'POST' } as const

export const calendarRoutes: readonly CommandRoute[] = [
  {
    ...base,
    kind: 'create',
    path: '/v1/calendars',
    command: commands.defineCalendar,
    summary: 'Define a calendar',
    idField: 'calendarId',
  },
  { ...base, path: `${one}/years`, command: commands.openYear, summary: 'Open the periods of a year' },
  {
    ...base,
    path: `${one}/periods`,
    command: commands.openPeriod,
    summary: 'Open a period of a calendar kept as a table',
  },
  { ...base, path: `${one}/periods/:periodId/close`, command: commands.closePeriod, summary: 'Close a period' },
  {
    aggregate: ratesAggregate,
    roles,
    kind: 'record',
    method: 'POST',
    path: '/v1/exchange-rates',
    command: publishExchangeRate,
    summary: 'Publish an exchange rate',
  },
]
