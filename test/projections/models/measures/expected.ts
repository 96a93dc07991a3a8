/**
 * What every metric is for the quarter of `quarter.ts`, [2026-01-01, 2026-04-01), worked out by hand. The comment of a line says
 * how; figures that it uses stand in lines above it.
 */
export const expected: Readonly<Record<string, string>> = {
  // sales: invoiced 1080 + 400 + 280 (+ 10 − 10 cancelled), credited 20 for a return and 10 for a correction
  'gross-sales': '1760',
  'net-sales': '1730', // 1760 − 30
  'net-sales-quantity': '43', // 28 + 5 + 12 + 1 − 1, − 2 returned
  'sales-with-tax': '1948', // 1200 + 440 + 308 + 11 − 11
  'sales-tax': '176', // 108 + 40 + 28 + 1 − 1
  'freight-invoiced': '12',
  'order-intake': '2390', // 1100 + 400 + 300 + 300 + 100, + 180 amended, − 20 overridden, + 30 repriced
  'order-intake-quantity': '89', // 30 + 5 + 12 + 30 + 10, + 2 amended
  'net-order-intake': '2110', // 2390 − 280 (90 cancelled, 100 cancelled, 90 lost)
  orders: '5',
  'order-lines': '7', // 2 + 1 + 2 + 1 + 1
  'average-order-value': '478', // 2390 / 5
  'lines-per-order': '1.4', // 7 / 5
  'average-line-value': '341.43', // 2390 / 7
  'invoices-issued': '4',
  'average-invoice': '440', // 1760 / 4
  'book-to-bill': '1.357955', // 2390 / 1760
  'sales-a-day': '19.22', // 1730 / 90
  'orders-a-day': '0.055556', // 5 / 90
  'value-shipped': '1890', // 1080 + 20 + 400 + 370 + 110 − 90 lost
  'value-delivered': '1780', // 1080 + 20 + 400 + 280
  'value-returned': '20',
  'quantity-returned': '2',
  'return-share': '0.011236', // 20 / 1780
  'average-return': '20',
  'scrap-share-of-returns': '0.5', // 1 / 2
  'cancelled-share': '0.117155', // 280 / 2390
  'orders-cancelled-share': '0.2', // 1 / 5
  'amendments-per-order': '0.2', // 1 / 5
  'credit-share-of-sales': '0.017045', // 30 / 1760
  'new-product-sales': '860', // P2 is new from 2025-10-01 on: 180 + 100; P1 from 2026-01-10 on: 400 + 180
  'new-product-share': '0.488636', // 860 / 1760
  'freight-share': '0.006349', // 12 / 1890
  drafts: '1',

  // growth: 500 for 50 units in the quarter before, 400 for 40 a year before
  'sales-growth': '2.46', // (1730 − 500) / 500
  'sales-growth-year': '3.325', // (1730 − 400) / 400
  'volume-growth': '-0.14', // (43 − 50) / 50
  'volume-growth-year': '0.075', // (43 − 40) / 40
  'intake-growth': '3.78', // (2390 − 500) / 500
  'price-effect': '1300', // 1730 − 10 × 43
  'volume-effect': '-70', // 10 × (43 − 50)
  'sales-change': '1230', // 1730 − 500
  'forecast-growth': '0.2', // (12 + 10 + 8 − 25) / 25
  'buyer-growth': '1', // (2 − 1) / 1
  'new-product-growth': '0.72', // (860 − 500) / 500

  // coverage: D1 bought P1 and P2, D2 bought P1
  outlets: '3', // O1 and O2, + O3 + O4, − O1
  'outlet-growth': '0.5', // (3 − 2) / 2
  'buying-dealers': '2',
  'ordering-dealers': '2',
  'selling-products': '2',
  'sell-out-products': '2',
  'points-of-distribution': '3',
  'range-per-dealer': '1.5', // 3 / 2
  'sales-per-buying-dealer': '865', // 1730 / 2
  'sales-per-product': '865', // 1730 / 2
  'new-product-dealers': '2',
  'new-product-reach': '1', // 2 / 2
  'orders-per-dealer': '2.5', // 5 / 2
  'buyers-kept': '2', // 2 / 1
  'stocked-pairs': '3',
  'sell-out-breadth': '1', // 3 / 3
  'order-frequency-days': '36', // 90 × 2 / 5
  dealers: '3', // D1, D2, D4
  'dealers-won': '1',
  'dealers-lost': '1',
  'dealer-churn': '0.333333', // 1 / 3
  'suspended-share': '0.333333', // 1 / 3
  'sales-per-dealer': '576.67', // 1730 / 3
  'tier-changes': '1',
  'exclusive-territories': '1',
  'products-on-offer': '2', // P1, P2; P3 came and went
  'range-renewal': '0.5', // 1 / 2

  // price: two lines priced from lists, 10 at 90 and 5 at 80, list 100
  'realised-price': '39.111111', // 1760 / 45
  'net-price': '40.232558', // 1730 / 43
  'order-price': '26.853933', // 2390 / 89
  'list-price': '100', // 1500 / 15
  'value-at-list': '1500',
  'discount-given': '200', // 1500 − 1300
  'discount-depth': '0.133333', // 200 / 1500
  'promoted-share': '0.692308', // 900 / 1300
  'promoted-lines-share': '0.5', // 1 / 2
  'override-given': '20',
  'override-rate': '0.142857', // 1 / 7
  'repricing-effect': '30',
  'pocket-sales': '1503', // 1730 − (97 rebates + 100 claims + 30 fund)
  'off-invoice-share': '0.131214', // 227 / 1730
  'pocket-share': '0.853977', // 1503 / 1760
  'price-changes': '3',
  'price-cut-share': '0.333333', // 1 / 3
  'price-rises': '1',
  'prices-ended': '1',
  'promotions-scheduled': '2',
  'promotions-dropped': '0.5', // 1 / 2
  'price-realisation': '1.456439', // (1760 / 45) / (2390 / 89)

  // margin: cost 10 × 60 + 20 × 5 + 5 × 60; ten more without cost
  'cost-of-goods': '1000',
  'gross-margin': '730', // 1730 − 1000
  'gross-margin-share': '0.421965', // 1 − 1000 / 1730
  'pocket-margin': '503', // 1503 − 1000
  'unit-cost': '28.571429', // 1000 / 35
  'cost-coverage': '0.777778', // 35 / 45
  'mark-up': '1.73', // 1730 / 1000

  // stock: 160 at the start; + 33 received, − 48 sold, − 2 counted, − 3 scrapped, + 5 reported
  'channel-stock': '145',
  'channel-stock-average': '162.844', // 160 + (28×83 − 30×59 − 8×45 + 5×43 − 2×31 − 3×27 + 5×22 − 10×12 = 256) / 90
  'channel-stock-opening': '160',
  'channel-stock-change': '-15',
  'channel-stock-available': '130', // 145 − 5 reserved − 6 allocated − 4 blocked
  'channel-stock-position': '135', // 145 + 7 + 2 − 4 − 6 − 9
  'stock-in-transit': '7',
  'stock-on-order': '2', // 12 − 7 − 3
  'stock-blocked': '4',
  'blocked-share': '0.027586', // 4 / 145
  'sell-in': '33',
  'sell-out': '48', // 30 + 8 + 10; 99 were declared in error
  'sell-through': '0.248705', // 48 / (160 + 33)
  loading: '-15', // 33 − 48
  'loading-ratio': '0.6875', // 33 / 48
  'stock-scrapped': '3',
  'scrap-share': '0.018422', // 3 / (14656 / 90)
  'safety-stock': '35', // 25 + 10
  'safety-cover': '4.142857', // 145 / 35
  'above-reorder-point': '85', // 135 − (35 + 15)
  'low-stock-alerts': '2',
  'out-of-stock-share': '0.5', // 1 / 2
  'replenished-per-alert': '0.5', // 1 / 2
  'stock-found': '3', // − 2 + 5
  'count-accuracy': '0.955696', // 1 − 7 / (78 + 55 + 25)
  stocktakes: '1',
  'supplies-lost-share': '0.25', // 3 / 12
  'transferred-in': '3',
  'transfer-loss-share': '0.25', // 1 / 4
  'own-stock': '503', // 200 + 50 − 15, and 300 − 30 − 2
  'own-stock-available': '490', // 503 − 8 − 4 − 1
  'own-scrapped': '2',
  'own-low-stock-alerts': '1',
  'stock-turnover': '0.29476', // 48 / (14656 / 90)
  'stock-turnover-year': '1.195415', // 48 × 365 / 14656
  'days-of-stock': '305.33', // 14656 / 48
  'days-of-cover': '271.88', // 145 × 90 / 48
  'own-turnover': '0.087358', // 45 / (500 + (50×89 − 30×84 − 5×49 − 10×29 − 2×17 = 1361) / 90)
  'own-days-of-stock': '1030.24', // 46361 / 45
  'pipeline-days': '288.75', // (145 + 7 + 2) × 90 / 48

  // service: confirmed at once 10 + 15 + 5 + 10 + 4, short 5
  'first-fill-rate': '0.897959', // 44 / 49
  'lines-filled-at-once': '0.833333', // 1 − 1 / 6
  'ship-fill-rate': '0.640449', // 57 / 89
  'delivery-fill-rate': '0.61039', // 47 / (89 − 12)
  backlog: '330', // of O4
  'backlog-quantity': '30',
  'backlog-days': '16.69', // 330 × 90 / 1780
  backorder: '2', // 5 − 3
  'backorder-share': '0.066667', // 2 / 30
  'backorder-fill-rate': '0.6', // 3 / 5
  'order-cycle-hours': '120', // (120 + 168 + 72) / 3
  'order-cycle-median-hours': '120',
  'order-cycle-p90-hours': '168',
  'orders-delivered': '3',
  'orders-on-time': '0.5', // O1 was, O2 was not
  'orders-open': '1', // O4
  'orders-open-late': '1',
  'orders-open-age': '11.67', // from 20 March 08:00 to the end of the month
  'line-cycle-hours': '100.8', // (72 + 120 + 168 + 72 + 72) / 5
  'lines-on-time': '0.666667', // 2 / 3
  'confirmation-hours': '10', // (4 + 2 + 24) / 3
  'orders-unconfirmed': '1', // O4
  'dispatch-hours': '56', // (96 + 24 + 48) / 3
  'transit-hours': '54', // (24 + 24 + 144 + 24) / 4
  'shipments-on-the-way': '1', // S5
  'loss-share': '0.017241', // 1 / 58
  'shipments-per-order': '1', // 5 / 5
  'return-hours': '48',
  'hold-rate': '0.4', // 2 / 5
  'hold-hours': '2', // (1 + 3) / 2
  'straight-through-share': '0.5', // 2 / 4
  'retries-per-fulfilment': '0.25', // 1 / 4
  'compensation-rate': '0.25', // 1 / 4
  'deadlines-passed': '1',
  'fulfilment-hours': '9', // (4 + 2 + 24 + 6) / 4
  'reservations-expired-share': '0.5', // 1 / 2
  'transfer-hours': '48',

  // digital: D1 reported on 10 March, D2 on 28 February
  'stock-data-age': '26', // (21 + 31) / 2
  'stock-data-reach': '0.666667', // 2 / 3
  'sell-out-data-age': '27.5', // (44 + 11) / 2
  'order-recency': '20.5', // (30 + 11) / 2
  'stock-report-lag': '12', // (6 + 18) / 2
  'sell-out-lag': '6',
  'reports-per-dealer': '0.666667', // 2 / 3
  'digital-order-share': '0.8', // 4 / 5
  'digital-value-share': '0.794979', // (1100 + 400 + 300 + 100) / 2390
  'portal-orders': '2',
  'machine-orders': '2',
  'staff-order-share': '0.2', // 1 / 5
  'users-added': '2', // 3 − 1
  'keys-issued': '1',
  webhooks: '1',

  // payment: 550 open before; + 1948 + 80 debit notes − 1929 paid − 11 credited
  receivables: '638',
  'receivables-average': '669.04', // 550 + (10×89 + 1200×83 − 300×81 + 20×76 − 1000×71 + 440×47 − 629×40 − 11×35 + 308×26 + 11×22 − 11×21 + 50×17 = 10714) / 90
  'receivables-change': '88',
  owed: '476', // 638 − 70 unapplied − (22 + 40 + 30) credits
  'days-sales-outstanding': '29.48', // 638 × 90 / 1948
  'receivables-turnover': '2.911615', // 1948 / (60214 / 90)
  collected: '2049', // 300 + 1000 + 200 + 429 + 50 + 70
  'collected-net': '1999',
  payments: '6',
  'average-payment': '341.5', // 2049 / 6
  'collection-rate': '0.990246', // 1929 / 1948
  'collection-effectiveness': '0.772218', // 1929 / (550 + 1948)
  'payment-days': '23.12', // (300×70 + 1000×12 + 200×43 + 429×7) / 1929
  'days-beyond-terms': '7.57', // (300×40 + 200×13) / 1929
  'days-late-when-late': '29.2', // 14600 / 500
  'paid-late-share': '0.259202', // 500 / 1929
  overdue: '588', // 308 + 20 + 10 + 250
  'overdue-share': '0.92163', // 588 / 638
  'overdue-1-30': '308', // 11 days
  'overdue-31-60': '20', // 44 days
  'overdue-61-90': '10', // 70 days
  'overdue-90': '250', // 120 days
  'overdue-invoices': '4',
  'overdue-days': '59.47', // (308×11 + 20×44 + 10×70 + 250×120) / 588
  'invoice-settled-days': '27.5', // (43 + 12) / 2
  'invoices-on-time': '0.5', // I2 was, I1 was not
  'invoices-open': '5', // I0, I3, three debit notes
  'billing-days': '2', // (1 + 2 + 3) / 3
  'shipments-unbilled': '2', // S2, S5
  unapplied: '70',
  'unapplied-share': '0.034163', // 70 / 2049
  'reversal-rate': '0.166667', // 1 / 6
  'debit-notes': '80',
  'invoices-cancelled-share': '0.25', // 1 / 4
  'credit-notes': '150', // 20 + 10 + 40 + 30 + 50
  'correction-share': '0.25', // 1 / 4

  // credit
  'credit-limit': '7000', // 6000 + 1000
  exposure: '826', // 330 + 20 + 638 − 70 − 92
  'credit-use': '0.118', // 826 / 7000
  'credit-headroom': '6174',
  'orders-against-credit': '330',
  'unbilled-deliveries': '20',
  'credit-holds': '2',
  'limit-hold-share': '0.5',
  'overdue-hold-share': '0.5',
  'credit-hold-days': '2', // (1 + 3) / 2
  'hold-rate-of-checks': '1', // 2 / 2
  'overrides-granted': '500',
  'manual-release-share': '0.5', // 1 / 2
  'credit-refusal-rate': '0.25', // 1 / 4
  'order-credit-hold-share': '0.5', // 1 / 2

  // attainment and rebates: 1700 of 2000 on 1000; 500 of 400 on 400; 30 of 25 units
  target: '2400',
  attainment: '0.916667', // 2200 / 2400
  'target-gap': '200',
  'targets-reached-share': '0.666667', // 2 / 3
  'growth-on-baseline': '0.571429', // (2200 − 1400) / 1400
  'settled-share-of-sales': '1.271676', // 2200 / 1730
  'targets-revised-share': '0.5', // 1 / 2
  'rebates-earned': '97', // 85 + 10 + 2
  'rebate-rate': '0.044091', // 97 / 2200
  'rebates-approved': '97',
  'rebates-paid-out': '60', // 50 + 10
  'cash-share-of-rebates': '0.166667', // 10 / 60
  'rebate-accruals': '20', // 40 + 30 − 50
  'rebates-accrued': '20',
  'accrual-cover': '1.94', // 97 / 50
  clawbacks: '10',
  'clawback-share': '0.103093', // 10 / 97
  'rebates-held': '5',
  'rebate-share-of-sales': '0.056069', // 97 / 1730
  settlements: '3',
  'approval-days': '1',
  'payout-days': '0.5',
  'payouts-open': '1',
  'dispute-rate': '1', // 3 / 3
  disputed: '45', // 30 + 10 + 5
  'disputes-upheld-share': '0.333333', // 1 / 3
  awarded: '20',
  'dispute-days': '1.25', // (1 + 1.5) / 2; the third was withdrawn
  memberships: '4', // 5 − 1
  'memberships-per-dealer': '1.333333', // 4 / 3
  'credit-to-come': '40', // 50 − 10
  'credit-expired-share': '0.2', // 10 / 50

  // claims
  claimed: '200', // 40 + 100 + 20 + 30 + 10
  claims: '5',
  'protection-claimed': '40',
  'ship-debit-claimed': '100',
  'special-price-claimed': '30', // 20 + 10
  'rotation-claimed': '30',
  'claim-approval-rate': '0.714286', // 100 / 140
  'claim-rejection-rate': '0.333333', // 1 / 3
  'claims-paid': '40',
  'claim-days': '3', // (2 + 4 + 3) / 3
  'claim-payment-days': '1',
  'claims-open': '1',
  'claims-open-age': '11.67',
  'claim-value': '40', // 200 / 5
  'claim-share-of-sales': '0.057803', // 100 / 1730
  'claims-withdrawn-share': '0.2', // 1 / 5
  'claim-per-unit': '7.692308', // 200 / 26
  agreements: '1', // 2 − 1

  // funds
  'fund-budget': '1250', // 1000 + 200 + 50
  'fund-added-by-sales': '50',
  'fund-commitments': '300', // 400 − 100
  'fund-use': '0.24', // 300 / 1250
  'fund-grant-rate': '0.666667', // 400 / 600
  'fund-decline-rate': '0.5', // 1 / 2
  'fund-claim-rate': '0.833333', // 250 / 300
  'fund-claims-rejected-share': '0.5', // 1 / 2
  'fund-paid': '30',
  'fund-released': '100',
  'fund-expired': '25',
  'fund-return': '57.666667', // 1730 / 30
  'fund-request-days': '3', // (2 + 4) / 2
  'fund-claim-days': '2', // (1 + 3) / 2

  // compliance
  'price-compliance': '0.714286', // 1 − 2 / 7
  'value-below-floor': '400',
  'value-above-ceiling': '120',
  'orders-in-breach-share': '0.2', // 1 / 5
  'bounds-overridden': '1',
  'retroactive-price-share': '0.333333', // 1 / 3
  corrections: '1',
  'corrections-per-order': '0.2', // 1 / 5
  evidence: '2', // 3 − 1
  'violation-points': '2', // one, confirmed for the second time
  'violation-points-per-order': '0.4', // 2 / 5
  'violations-apart': '1',
  'exclusive-share': '70',
  'evaluation-points': '80', // (80 + 90 + 70) / 3

  // reconciliation
  statements: '3',
  'statement-confirmation-rate': '0.333333', // 1 / 3
  'statement-days': '2',
  'statements-open': '1',
  'line-dispute-rate': '0.125', // 2 / 16
  'line-difference': '9', // 4 + 5
  'line-disputes-accepted-share': '0.5', // 1 / 2
  'line-dispute-days': '2', // (1 + 3) / 2
  'statement-revision-rate': '0.333333', // 1 / 3
  'lines-agreed-share': '0.25', // 4 / 16
  'days-to-close': '5',
  'batch-days': '1',
  'batch-rejection-rate': '0.5', // 1 / 2
}
