/** Bodies are JSON and nothing else; an empty one is no body, since `curl -X POST -H content-type:…` means none. */
import { AppError } from '../errors.ts';
import type { App } from './app-type.ts';
import { toJsonPath } from './zod-details.ts';

/** A condition may nest 64 deep, which is at most two levels of JSON each; more only costs stack. */
const MAX_DEPTH = 160;
const BYTE_ORDER_MARK = '\uFEFF';

export function readJsonBodies(app: App): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, async (_request: unknown, text: string) => {
    if (text === '') return undefined;
    if (depthOf(text) > MAX_DEPTH) throw new AppError('validation_failed', `The body nests more than ${MAX_DEPTH} deep.`);
    return parseJson(text);
  });
}

/** Throws `validation_failed`: the text is no JSON, or has a member that JavaScript would take for a prototype. */
export function parseJson(text: string): unknown {
  const json = text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new AppError('validation_failed', `The body is not valid JSON${whereIn(json, cause)}.`, { cause });
  }
  const forbidden = findPrototype(value, []);
  if (forbidden === null) return value;
  const path = toJsonPath(forbidden);
  const message = `The body may not have the member ${path}: JavaScript takes it for a prototype. Give it another name.`;
  throw new AppError('validation_failed', message, { details: [{ path, message }] });
}

/** Not every complaint of every engine has a position; its words are not passed on, since they differ as well. */
function whereIn(json: string, error: unknown): string {
  const position = error instanceof Error ? /at position (\d+)/.exec(error.message)?.[1] : undefined;
  if (position === undefined) return '';
  const lines = json.slice(0, Number(position)).split('\n');
  return `, at line ${lines.length}, column ${(lines.at(-1) ?? '').length + 1}`;
}

/** The path of a member that a careless copy would make a prototype of; null where there is none. */
function findPrototype(value: unknown, path: readonly PropertyKey[]): readonly PropertyKey[] | null {
  if (typeof value !== 'object' || value === null) return null;
  if (!Array.isArray(value) && Object.hasOwn(value, '__proto__')) return [...path, '__proto__'];
  if (path.at(-1) === 'constructor' && Object.hasOwn(value, 'prototype')) return [...path, 'prototype'];
  for (const [name, member] of Object.entries(value)) {
    if (typeof member !== 'object' || member === null) continue;
    const found = findPrototype(member, [...path, Array.isArray(value) ? Number(name) : name]);
    if (found !== null) return found;
  }
  return null;
}

/** How deep arrays and objects nest in a JSON text, without parsing it. */
export function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (inString) {
      if (character === '\\') index++;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{' || character === '[') deepest = Math.max(deepest, ++depth);
    else if (character === '}' || character === ']') depth--;
  }
  return deepest;
}
