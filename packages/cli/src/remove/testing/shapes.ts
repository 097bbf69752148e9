/**
 * A repository that asks for two flags in many ways: a file per call shape, each of which exports `run`. `new-checkout` is a
 * boolean of which `on` stays, `button-colour` a text of which `blue` stays. `refused` is the reason that a removal has to give.
 */
export interface Shape {
  readonly name: string;
  readonly text: string;
  readonly refused?: string;
}

const SERVER = `import { OpenFeature } from '@openfeature/server-sdk';\nconst client = OpenFeature.getClient();\n`;
const WEB = `import { OpenFeature } from '@openfeature/web-sdk';\nconst client = OpenFeature.getClient();\n`;
const CALL = `await client.getBooleanValue('new-checkout', false)`;
const PAGES = `const oldPage = () => 'old';\nconst newPage = () => 'new';\n`;

export const SHAPES: readonly Shape[] = [
  {
    name: 'if-else',
    text: `${SERVER}${PAGES}export async function run() {\n  if (${CALL}) {\n    return newPage();\n  } else {\n    return oldPage();\n  }\n}\n`,
  },
  {
    name: 'if-alone',
    text: `${SERVER}export async function run() {\n  const steps = ['basket'];\n  if (${CALL}) {\n    // One page for all of it.\n    steps.push('one page');\n  }\n  return steps;\n}\n`,
  },
  {
    name: 'if-not',
    text: `${SERVER}${PAGES}export async function run() {\n  if (!(${CALL})) return oldPage();\n  return newPage();\n}\n`,
  },
  {
    name: 'early-return',
    text: `${SERVER}${PAGES}export async function run() {\n  if (${CALL}) {\n    return newPage();\n  }\n  const page = oldPage();\n  return page;\n}\n`,
  },
  {
    name: 'else-if',
    text: `${SERVER}export async function run(size = 3) {\n  if (size > 5) {\n    return 'large';\n  } else if (${CALL}) {\n    return 'new';\n  } else {\n    return 'old';\n  }\n}\n`,
  },
  { name: 'ternary', text: `${SERVER}export async function run() {\n  return (${CALL}) ? 'new' : 'old';\n}\n` },
  {
    name: 'ternary-within',
    text: `${SERVER}export async function run(extra = 1) {\n  return 2 * (${CALL} ? extra + 1 : extra);\n}\n`,
  },
  {
    name: 'constant-result',
    text: `${SERVER}${PAGES}export async function run() {\n  const isNew = ${CALL};\n  const title = isNew ? 'New' : 'Old';\n  if (isNew) {\n    return title + newPage();\n  }\n  return title + oldPage();\n}\n`,
  },
  {
    name: 'and',
    text: `${SERVER}export async function run(isStaff = true) {\n  if (isStaff && (${CALL})) return 'staff, new';\n  return 'others';\n}\n`,
  },
  {
    name: 'or',
    text: `${SERVER}export async function run(isStaff = false) {\n  const isNew: boolean = ${CALL};\n  return isNew || isStaff ? 'new' : 'old';\n}\n`,
  },
  {
    name: 'details',
    text: `${SERVER}export async function run() {\n  const { value } = await client.getBooleanDetails('new-checkout', false, { targetingKey: 'u1' });\n  return value ? 'new' : 'old';\n}\n`,
  },
  {
    name: 'details-value',
    text: `${SERVER}export async function run() {\n  if ((await client.getBooleanDetails('new-checkout', false)).value) return 'new';\n  return 'old';\n}\n`,
  },
  {
    name: 'returned',
    text: `${SERVER}async function isNew() {\n  return client.getBooleanValue('new-checkout', false);\n}\nexport async function run() {\n  return (await isNew()) ? 'new' : 'old';\n}\n`,
  },
  {
    name: 'promises',
    text: `${SERVER}export async function run() {\n  const [isNew, other] = await Promise.all([client.getBooleanValue('new-checkout', false), 7]);\n  return isNew ? other : 0;\n}\n`,
  },
  {
    name: 'not-awaited',
    text: `${SERVER}const isNew = (): Promise<boolean> => client.getBooleanValue('new-checkout', false);\nexport async function run() {\n  return (await isNew()) ? 'new' : 'old';\n}\n`,
  },
  {
    name: 'synchronous',
    text: `import { yardarm } from './yardarm.js';\nexport function run() {\n  return yardarm.boolean('new-checkout', false, { targetingKey: 'u1' }) ? 'new' : 'old';\n}\n`,
  },
  {
    name: 'typed-accessor',
    text: `import { FLAGS, typedProvider } from './flags.js';\nimport { yardarm } from './yardarm.js';\nconst flags = typedProvider(yardarm);\nexport function run() {\n  if (flags.boolean(FLAGS.newCheckout, false)) return 'new';\n  return 'old';\n}\n`,
  },
  {
    name: 'own-constant',
    text: `${SERVER}const NEW_CHECKOUT = 'new-checkout';\nexport async function run() {\n  return (await client.getBooleanValue(NEW_CHECKOUT, false)) ? 'new' : 'old';\n}\n`,
  },
  {
    name: 'imported-constant',
    text: `import { OpenFeature } from '@openfeature/server-sdk';\nimport { COLOUR, NEW_CHECKOUT } from './keys.js';\nconst client = OpenFeature.getClient();\nexport async function run() {\n  const isNew = await client.getBooleanValue(NEW_CHECKOUT, false);\n  return isNew ? COLOUR.length : 0;\n}\n`,
  },
  {
    name: 'key-object',
    text: `${SERVER}const KEYS = {\n  checkout: 'new-checkout',\n  search: 'fast-search',\n} as const;\nexport async function run() {\n  const isNew = await client.getBooleanValue(KEYS.checkout, false);\n  return [isNew ? 'new' : 'old', KEYS.search];\n}\n`,
  },
  {
    name: 'enum',
    text: `${SERVER}enum Flag {\n  Search = 'fast-search',\n  Checkout = 'new-checkout',\n}\nexport async function run() {\n  return (await client.getBooleanValue(Flag.Checkout, false)) ? Flag.Search : 'old';\n}\n`,
  },
  {
    name: 'template',
    text: `${SERVER}export async function run() {\n  return (await client.getBooleanValue(\`new-checkout\`, false)) ? 'new' : 'old';\n}\n`,
  },
  {
    name: 'browser',
    text: `${WEB}export function run() {\n  const label = client.getBooleanValue('new-checkout', false) ? 'new' : 'old';\n  return label;\n}\n`,
  },
  {
    name: 'shorthand',
    text: `${SERVER}export async function run() {\n  const isNew = ${CALL};\n  return { isNew, at: 1 };\n}\n`,
  },
  {
    name: 'loop',
    text: `${SERVER}export async function run() {\n  let total = 0;\n  for (const one of [1, 2, 3]) if (${CALL}) total += one;\n    else total -= one;\n  return total;\n}\n`,
  },
  {
    name: 'clash',
    text: `${SERVER}export async function run() {\n  const names: string[] = [];\n  if (${CALL}) {\n    const name = 'new';\n    names.push(name);\n  }\n  for (const name of ['last']) names.push(name);\n  return names;\n}\n`,
  },
  {
    name: 'switch',
    text: `${SERVER}export async function run() {\n  switch (await client.getStringValue('button-colour', 'red')) {\n    case 'red':\n      return 1;\n    case 'green':\n    case 'blue':\n      return 2;\n    default:\n      return 3;\n  }\n}\n`,
  },
  {
    name: 'compared',
    text: `${SERVER}export async function run() {\n  const colour = await client.getStringValue('button-colour', 'red');\n  if (colour === 'red') return 'stop';\n  return colour !== 'blue' ? 'what?' : 'go';\n}\n`,
  },
  {
    name: 'shown',
    text: `${SERVER}export async function run() {\n  const colour = await client.getStringValue('button-colour', 'red');\n  return { background: colour, border: colour };\n}\n`,
  },
  {
    name: 'hook-and',
    text: `import { useBooleanFlagValue } from './hooks.js';\nimport { page } from './page.js';\nfunction Basket() {\n  const isNew = useBooleanFlagValue('new-checkout', false);\n  return (\n    <main>\n      {isNew && <p>one page</p>}\n      {!isNew && <p>three pages</p>}\n    </main>\n  );\n}\nexport const run = () => page(<Basket />);\n`,
  },
  {
    name: 'hook-flag',
    text: `import { useFlag } from './hooks.js';\nimport { page } from './page.js';\nconst Old = () => <b>old</b>;\nconst New = () => <i>new</i>;\nfunction Basket() {\n  const { value } = useFlag('new-checkout', false);\n  return <main>{value ? <New /> : <Old />}</main>;\n}\nexport const run = () => page(<Basket />);\n`,
  },
  {
    name: 'reassigned',
    text: `${SERVER}export async function run(force = false) {\n  let isNew = ${CALL};\n  if (force) isNew = false;\n  return isNew ? 'new' : 'old';\n}\n`,
  },
  {
    name: 'statement',
    text: `${SERVER}export async function run() {\n  let page = '';\n  const isNew = ${CALL};\n  isNew ? (page = 'new') : (page = 'old');\n  isNew && page.trim();\n  return page;\n}\n`,
  },
  {
    name: 'wrapper',
    refused: "the key is handed to 'isOn'",
    text: `${SERVER}const isOn = (key: string) => client.getBooleanValue(key, false);\nexport async function run() {\n  return (await isOn('new-checkout')) ? 'new' : 'old';\n}\n`,
  },
  {
    name: 'reason-used',
    refused: 'more of the details',
    text: `${SERVER}export async function run() {\n  const details = await client.getBooleanDetails('new-checkout', false);\n  return [details.value, details.reason];\n}\n`,
  },
  {
    name: 'list',
    refused: 'the key stands in a list',
    text: `${SERVER}export async function run() {\n  return Promise.all(['new-checkout'].map((key) => client.getBooleanValue(key, false)));\n}\n`,
  },
  {
    name: 'member',
    refused: 'the key is the name of a member',
    text: `export function run() {\n  const overrides: Record<string, boolean> = { 'new-checkout': true };\n  return Object.keys(overrides).length;\n}\n`,
  },
  {
    name: 'decorator',
    refused: 'a decorator takes the key',
    text: `const Gate = (key: string) => (method: () => string) => () => key.slice(0, 0) + method();\nclass Shop {\n  @Gate('new-checkout')\n  buy() {\n    return 'bought';\n  }\n}\nexport const run = () => new Shop().buy();\n`,
  },
  {
    name: 'effect',
    refused: 'an argument of the call does something',
    text: `${SERVER}export async function run() {\n  let asked = 0;\n  const isNew = await client.getBooleanValue('new-checkout', false, { asked: ++asked });\n  return [isNew, asked];\n}\n`,
  },
  {
    name: 'unclear',
    refused: 'it cannot be told whether',
    text: `import { client } from './any-client.js';\nexport function run() {\n  const isNew = client.getBooleanValue('new-checkout', false);\n  return [isNew].length;\n}\n`,
  },
];

/** What the shapes import. `flags.ts`, the generated module, is written beside them. */
export const SHARED: Readonly<Record<string, string>> = {
  'keys.ts': `export const NEW_CHECKOUT = 'new-checkout';\nexport const COLOUR = 'a colour';\n`,
  'yardarm.ts': `const boolean = (key: string, codeDefault: boolean, context?: object) => key === 'new-checkout' || (context === null && codeDefault);
export const yardarm = { boolean, string: (_key: string, codeDefault: string) => codeDefault, number: (_key: string, codeDefault: number) => codeDefault };
`,
  'hooks.ts': `export const useBooleanFlagValue = (key: string, codeDefault: boolean): boolean => (key === 'new-checkout' ? true : codeDefault);
export const useFlag = (key: string, codeDefault: boolean): { value: boolean; reason: string } => ({ value: useBooleanFlagValue(key, codeDefault), reason: 'STATIC' });
`,
  'any-client.ts': `export const client = { getBooleanValue: (key: string, codeDefault: boolean) => key.length > 0 || codeDefault };\n`,
  'page.ts': `import type { ReactNode } from 'react';\nimport { renderToStaticMarkup } from 'react-dom/server';\nexport const page = (node: ReactNode) => renderToStaticMarkup(node);\n`,
};

/** What `run` of each shape answers, before a removal and after it: the tests of the repository. */
export const ANSWERS: Readonly<Record<string, unknown>> = {
  ...{
    'if-else': 'new',
    'if-alone': ['basket', 'one page'],
    'if-not': 'new',
    'early-return': 'new',
    'else-if': 'new',
    ternary: 'new',
  },
  ...{ 'ternary-within': 4, 'constant-result': 'Newnew', and: 'staff, new', or: 'new', details: 'new', 'details-value': 'new' },
  ...{ returned: 'new', promises: 7, 'not-awaited': 'new', synchronous: 'new', 'typed-accessor': 'new', 'own-constant': 'new' },
  ...{ 'imported-constant': 8, 'key-object': ['new', 'fast-search'], enum: 'fast-search', template: 'new', browser: 'new' },
  ...{ shorthand: { isNew: true, at: 1 }, loop: 6, clash: ['new', 'last'], switch: 2, compared: 'go' },
  ...{
    shown: { background: 'blue', border: 'blue' },
    'hook-and': '<main><p>one page</p></main>',
    'hook-flag': '<main><i>new</i></main>',
  },
  ...{
    reassigned: 'new',
    statement: 'new',
    wrapper: 'new',
    'reason-used': [true, 'STATIC'],
    list: [true],
    member: 1,
    decorator: 'bought',
  },
  ...{ effect: [true, 1], unclear: 1 },
};
