import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A small channel in the neutral format: two tiers, two lots, an order with two lines, paid. By file name, without `.csv`. */
export const smallChannel: Readonly<Record<string, readonly string[]>> = {
  territories: ['territory_id,name,name_zh,regions,effective_from', 'east,East China,华东,CN/ZJ|CN/JS,2024-01-01'],
  dealers: [
    'dealer_id,name,name_zh,kind,country,region,zone,currencies,tier_level,parent_dealer_id,tier,territory_id,effective_from',
    'D1,"Hangzhou Tools, Ltd.",杭州工具,distributor,CN,CN/ZJ,Asia/Shanghai,CNY,1,,gold,east,2024-01-01',
    'D2,Ningbo Tools,宁波工具,distributor,CN,CN/ZJ,Asia/Shanghai,CNY,2,D1,,east,2024-01-01',
  ],
  products: [
    'sku,name,name_zh,description,category,unit,effective_from,attribute.colour',
    'DRILL-1,Drill,电钻,"A drill.\nTwo speeds, ""silent"".",Tools,EA,2024-01-01,red',
    'SAW-1,Saw,锯,,Tools,EA,2024-01-01,',
    'DRILL-1,Drill 2,电钻,,Tools,EA,2024-07-01,blue',
  ],
  'price-lists': ['list_id,name,currency,effective_from', 'base-cny,Base,CNY,2024-01-01'],
  prices: [
    'list_id,sku,unit,currency,price,breaks,effective_from',
    'base-cny,DRILL-1,EA,CNY,100.0000,10:95|50:90,2024-01-01',
    'base-cny,DRILL-1,EA,CNY,110.00,,2024-07-01',
    'base-cny,SAW-1,EA,CNY,40,,2024-01-01',
  ],
  promotions: ['promotion_id,name,discount,starts_at,ends_at,skus', 'P1,Summer,0.05,2024-06-01,2024-09-01,SAW-1'],
  'stock-openings': ['sku,lot,on,quantity,unit', 'DRILL-1,A,2024-01-01,10,EA', 'DRILL-1,B,2024-01-01,5,EA'],
  orders: [
    'order_id,dealer_id,currency,ordered_on,affects_stock',
    'O1,D1,CNY,2024-03-01,false',
    'O2,D2,CNY,2024-03-02T09:30:00.000+08:00[Asia/Shanghai],false',
    'O3,D1,CNY,2024-08-01,false',
  ],
  'order-lines': [
    'order_id,line_number,sku,unit,quantity,unit_price,line_value,discount,tax_code,tax',
    'O1,1,DRILL-1,EA,2,100,200,,vat,26',
    'O1,2,SAW-1,EA,1,40,40,,vat,5.2',
    'O2,1,SAW-1,EA,3,40,120,,,',
    'O3,1,DRILL-1,EA,1,110,110,,,',
  ],
  shipments: [
    'order_id,shipment_id,shipped_on,line_number,quantity,tracking_number,delivered_on',
    'O1,S1,2024-03-03,1,2,T-1,2024-03-05',
    'O1,S1,2024-03-03,2,1,T-1,2024-03-05',
    'O2,S2,2024-03-04,1,3,T-2,',
  ],
  'stock-movements': [
    'movement_id,kind,sku,lot,on,quantity',
    'M1,issue,DRILL-1,A,2024-02-01,3',
    'M2,receipt,DRILL-1,A,2024-02-02,4',
    'M3,issue,DRILL-1,B,2024-02-03,1',
    'M4,scrap,DRILL-1,B,2024-02-04,1',
    'M5,return,DRILL-1,A,2024-02-05,1',
  ],
  'stock-counts': ['count_id,sku,lot,on,counted', 'C1,DRILL-1,A,2024-03-01,11'],
  invoices: [
    'invoice_id,dealer_id,currency,issued_on,due_on,order_id,shipment_id,gross',
    'I1,D1,CNY,2024-03-03,2024-04-02,O1,S1,271.20',
  ],
  'invoice-lines': [
    'invoice_id,line_number,order_line_number,sku,quantity,unit,unit_price,line_value,tax_code,tax',
    'I1,1,1,DRILL-1,2,EA,100,200,vat,26',
    'I1,2,2,SAW-1,1,EA,40,40,vat,5.2',
  ],
  payments: ['payment_id,dealer_id,currency,amount,received_on,invoice_id', 'PAY1,D1,CNY,271.20,2024-04-01,I1'],
}

export type Files = Readonly<Record<string, readonly string[] | Buffer>>

/** A directory with these files (a name without ending is a `.csv`), and a way to throw it away. */
export async function importable(files: Files): Promise<{ readonly dir: string; drop(): Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'channel-ledger-import-'))
  await writeFile(join(dir, 'import.json'), JSON.stringify({ system: 'erp', company: 'acme', zone: 'Asia/Shanghai' }))
  for (const [name, content] of Object.entries(files)) {
    const file = name.includes('.') ? name : `${name}.csv`
    await writeFile(join(dir, file), Buffer.isBuffer(content) ? content : `${content.join('\n')}\n`)
  }
  return { dir, drop: () => rm(dir, { recursive: true, force: true }) }
}
