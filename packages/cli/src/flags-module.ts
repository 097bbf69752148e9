/**
 * The module that `yardarm generate` writes: types alone, and keys. The same flags make the same text. It imports nothing, so that it
 * fits every version of the SDKs, and its functions answer the object that they were given: it costs nothing at run time.
 */
import type { FlagDefinition } from './flag-definitions.ts';

const TYPES = [
  ['boolean', 'BooleanFlag'],
  ['string', 'StringFlag'],
  ['number', 'NumberFlag'],
  ['object', 'ObjectFlag'],
] as const;
/** Of a description; what is longer is read in the admin UI. */
const MAX_DESCRIPTION = 200;

/** @param flags in order of their keys */
export function renderFlagsModule(project: string, flags: readonly FlagDefinition[]): string {
  const names = namesOf(flags.map(({ key }) => key));
  const constants = flags.flatMap(({ key, ...flag }) => [`  /** ${describe(flag)} */`, `  ${names.get(key)}: ${quote(key)},`]);
  const unions = TYPES.map(([type, name]) => {
    const keys = flags.filter((flag) => flag.type === type).map(({ key }) => `\n  | ${quote(key)}`);
    return `export type ${name} =${keys.length === 0 ? ' never' : keys.join('')};`;
  });
  return `${[HEADER.replace('PROJECT', () => comment(project)), `export const FLAGS = {\n${constants.join('\n')}\n} as const;`, ...unions, ACCESSORS].join('\n\n')}\n`;
}

const HEADER = `// Made by \`yardarm generate\` from the flags of project PROJECT. Do not edit it: run the command again.
/* eslint-disable */

/** The key of each flag, by a name for code. */`;

const ACCESSORS = `export type FlagKey = BooleanFlag | StringFlag | NumberFlag | ObjectFlag;

type WithKey<Method, Key> = Method extends (key: string, ...rest: infer Rest) => infer Result
  ? (key: Key, ...rest: Rest) => Result
  : never;

/** What \`boolean\`, \`string\`, \`number\` and \`object\` of \`YardarmProvider\` in @yardarm/sdk-node look like. */
interface SynchronousApi {
  boolean(key: string, codeDefault: boolean, context?: never): boolean;
  string(key: string, codeDefault: string, context?: never): string;
  number(key: string, codeDefault: number, context?: never): number;
}

export type TypedProvider<Provider extends SynchronousApi> = Omit<Provider, 'boolean' | 'string' | 'number' | 'object'> & {
  boolean: WithKey<Provider['boolean'], BooleanFlag>;
  string: WithKey<Provider['string'], StringFlag>;
  number: WithKey<Provider['number'], NumberFlag>;
  object: Provider extends { object(key: string, codeDefault: never, context?: infer Context): unknown }
    ? <Value>(key: ObjectFlag, codeDefault: Value, context?: Context) => Value
    : never;
};

/** The same provider, which takes the flags of this project only: \`typedProvider(yardarm).boolean('new-checkout', false, context)\`. */
export function typedProvider<Provider extends SynchronousApi>(provider: Provider): TypedProvider<Provider> {
  return provider as unknown as TypedProvider<Provider>;
}

type Method<Client, Name extends string> = Client extends { [name in Name]: infer Function } ? Function : never;

type ClientMethods<Client> = {
  getBooleanValue: WithKey<Method<Client, 'getBooleanValue'>, BooleanFlag>;
  getBooleanDetails: WithKey<Method<Client, 'getBooleanDetails'>, BooleanFlag>;
  getStringValue: WithKey<Method<Client, 'getStringValue'>, StringFlag>;
  getStringDetails: WithKey<Method<Client, 'getStringDetails'>, StringFlag>;
  getNumberValue: WithKey<Method<Client, 'getNumberValue'>, NumberFlag>;
  getNumberDetails: WithKey<Method<Client, 'getNumberDetails'>, NumberFlag>;
  getObjectValue: WithKey<Method<Client, 'getObjectValue'>, ObjectFlag>;
  getObjectDetails: WithKey<Method<Client, 'getObjectDetails'>, ObjectFlag>;
};

export type TypedClient<Client> = Omit<Client, keyof ClientMethods<Client>> & ClientMethods<Client>;

/** The same client of OpenFeature, for servers or for browsers, which takes the flags of this project only. */
export function typedClient<Client extends { getBooleanValue: unknown }>(client: Client): TypedClient<Client> {
  return client as unknown as TypedClient<Client>;
}`;

/** \`newCheckout\` of \`new-checkout\`; the key itself, quoted, where that is no name, or the name of two. */
function namesOf(keys: readonly string[]): ReadonlyMap<string, string> {
  const names = new Map(keys.map((key) => [key, camelCase(key)]));
  const counts = new Map<string, number>();
  for (const name of names.values()) counts.set(name, (counts.get(name) ?? 0) + 1);
  const isTaken = (key: string, name: string) => counts.get(name) !== 1 || (name !== key && names.has(name));
  return new Map([...names].map(([key, name]) => [key, isTaken(key, name) || !/^[A-Za-z]/.test(name) ? quote(key) : name]));
}

function camelCase(key: string): string {
  const [first = '', ...others] = key.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  const capital = (word: string) => `${word[0]?.toUpperCase()}${word.slice(1)}`;
  return `${first[0]?.toLowerCase()}${first.slice(1)}${others.map(capital).join('')}`;
}

function describe({ type, kind, description, variants }: Omit<FlagDefinition, 'key'>): string {
  const text = comment(description.replace(/\s+/g, ' ').trim());
  const short = text.length > MAX_DESCRIPTION ? `${text.slice(0, MAX_DESCRIPTION)}…` : text;
  const names = Object.keys(variants).sort().join(', ');
  return `${short === '' ? '' : `${short.replace(/[.!?…]?$/, (end) => end || '.')} `}${type}, ${kind}; variants: ${names}.`;
}

/** Whatever people wrote, a comment does not end with it, nor a line. */
function comment(text: string): string {
  return text.replaceAll('*/', '* /').replace(/[\r\n\u2028\u2029]+/g, ' ');
}

function quote(text: string): string {
  return `'${text}'`;
}
