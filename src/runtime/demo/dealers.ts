/** The demonstration's dealers: first-tier distributors in China, Europe and America, and second-tier dealers below some of them. */
export interface DemoDealer {
  readonly dealerId: string
  readonly name: { readonly en: string; readonly 'zh-CN'?: string }
  readonly country: string
  readonly region: string
  readonly city: string
  readonly zone: string
  readonly currency: 'CNY' | 'EUR' | 'USD'
  readonly territoryId: string
  readonly tierLevel: 1 | 2
  readonly parentDealerId?: string
  readonly tier: 'gold' | 'silver' | 'bronze'
  /** share of the channel's demand, relative to the others */
  readonly size: number
  /** days after the due date that it pays, on average; negative: early */
  readonly paysLate: number
  readonly contact: { readonly name: string; readonly phone: string; readonly email: string }
}

interface Place {
  readonly city: string
  readonly zh: string
  readonly region: string
}

const china: readonly Place[] = [
  { city: 'Shanghai', zh: '上海', region: 'CN/SH' },
  { city: 'Beijing', zh: '北京', region: 'CN/BJ' },
  { city: 'Guangzhou', zh: '广州', region: 'CN/GD' },
  { city: 'Shenzhen', zh: '深圳', region: 'CN/GD' },
  { city: 'Hangzhou', zh: '杭州', region: 'CN/ZJ' },
  { city: 'Nanjing', zh: '南京', region: 'CN/JS' },
  { city: 'Suzhou', zh: '苏州', region: 'CN/JS' },
  { city: 'Chengdu', zh: '成都', region: 'CN/SC' },
  { city: 'Chongqing', zh: '重庆', region: 'CN/CQ' },
  { city: 'Wuhan', zh: '武汉', region: 'CN/HB' },
  { city: 'Xian', zh: '西安', region: 'CN/SN' },
  { city: 'Qingdao', zh: '青岛', region: 'CN/SD' },
]
const europe = [
  { city: 'Berlin', region: 'DE/BE', country: 'DE' },
  { city: 'Munich', region: 'DE/BY', country: 'DE' },
  { city: 'Hamburg', region: 'DE/HH', country: 'DE' },
  { city: 'Lyon', region: 'FR/ARA', country: 'FR' },
  { city: 'Milan', region: 'IT/25', country: 'IT' },
  { city: 'Rotterdam', region: 'NL/ZH', country: 'NL' },
]
const america = [
  { city: 'Boston', region: 'US/MA' },
  { city: 'Chicago', region: 'US/IL' },
  { city: 'Atlanta', region: 'US/GA' },
  { city: 'Denver', region: 'US/CO' },
]
const chineseTrades = [
  { en: 'Hardware', zh: '五金机电' },
  { en: 'Tools Trading', zh: '工具贸易' },
  { en: 'Garden Machinery', zh: '园林机械' },
]
const europeanTrades = ['Werkzeuge', 'Tools', 'Garden Supply']
const chinesePeople = ['王伟', '李娜', '张敏', '刘洋', '陈静', '杨帆', '赵磊', '黄丽', '周涛', '吴芳']
const westernPeople = ['Anna Keller', 'Jonas Weber', 'Claire Martin', 'Marco Rossi', 'Emily Clark', 'Jan de Vries']

const tierOf = (index: number): DemoDealer['tier'] => (index % 5 === 0 ? 'gold' : index % 5 < 3 ? 'silver' : 'bronze')
const payment = [-4, 0, 0, 1, 2, 3, 5, 8, 14, 25]

function contactOf(name: string, index: number, domain: string): DemoDealer['contact'] {
  const number = String(1000 + index * 37).padStart(4, '0')
  return {
    name,
    phone: domain.endsWith('.cn') ? `+86 138 0000 ${number}` : `+49 30 000 ${number}`,
    email: `contact${index}@${domain}`,
  }
}

function chinese(): DemoDealer[] {
  const first = china.map((place, index) =>
    chineseDealer(`CN${String(index + 1).padStart(3, '0')}`, place, index, undefined),
  )
  const second = china.flatMap((place, index) =>
    [0, 1].map((below) =>
      chineseDealer(
        `CN${String(101 + index * 2 + below)}`,
        place,
        china.length + index * 2 + below,
        first[index]?.dealerId,
      ),
    ),
  )
  return [...first, ...second]
}

function chineseDealer(dealerId: string, place: Place, index: number, parentDealerId: string | undefined): DemoDealer {
  const trade = chineseTrades[index % chineseTrades.length] ?? { en: 'Tools', zh: '工具' }
  const ordinal = parentDealerId === undefined ? '' : index % 2 === 0 ? '新' : '东方'
  return {
    dealerId,
    name: { en: `${place.city} ${trade.en} ${dealerId}`, 'zh-CN': `${place.zh}${ordinal}${trade.zh}有限公司` },
    country: 'CN',
    region: place.region,
    city: place.city,
    zone: 'Asia/Shanghai',
    currency: 'CNY',
    territoryId: place.region.replace('/', '-'),
    tierLevel: parentDealerId === undefined ? 1 : 2,
    ...(parentDealerId !== undefined && { parentDealerId }),
    tier: tierOf(index),
    size: parentDealerId === undefined ? 3 + (index % 4) : 1,
    paysLate: payment[index % payment.length] ?? 0,
    contact: contactOf(chinesePeople[index % chinesePeople.length] ?? '王伟', index, 'dealer.example.cn'),
  }
}

function western(): DemoDealer[] {
  const places = [
    ...europe.map((place) => ({ ...place, zone: 'Europe/Berlin', currency: 'EUR' as const, territoryId: 'EU-WEST' })),
    ...america.map((place) => ({
      ...place,
      country: 'US',
      zone: 'America/New_York',
      currency: 'USD' as const,
      territoryId: 'US-ALL',
    })),
  ]
  return places.flatMap((place, index) =>
    Array.from({ length: index < 8 ? 3 : 2 }, (_, below): DemoDealer => {
      const prefix = place.currency === 'EUR' ? 'EU' : 'US'
      const firstId = `${prefix}${String(index * 10 + 1).padStart(3, '0')}`
      return {
        dealerId: `${prefix}${String(index * 10 + 1 + below).padStart(3, '0')}`,
        name: {
          en: `${place.city} ${europeanTrades[(index + below) % europeanTrades.length] ?? 'Tools'} ${below + 1}`,
        },
        country: place.country,
        region: place.region,
        city: place.city,
        zone: place.zone,
        currency: place.currency,
        territoryId: place.territoryId,
        tierLevel: below === 0 ? 1 : 2,
        ...(below > 0 && { parentDealerId: firstId }),
        tier: tierOf(index + below),
        size: below === 0 ? 3 : 1,
        paysLate: payment[(index * 3 + below) % payment.length] ?? 0,
        contact: contactOf(
          westernPeople[(index + below) % westernPeople.length] ?? 'Anna Keller',
          100 + index * 10 + below,
          'dealer.example.com',
        ),
      }
    }),
  )
}

/** 36 Chinese, 18 European and 10 American dealers: 64. */
export const demoDealers: readonly DemoDealer[] = [...chinese(), ...western()]
