import { parseDocument } from 'yaml';
import { SourceError } from './imported.ts';

type Members = { readonly [member: string]: unknown };

/**
 * Of the conditions that may be written here none is a quarter as deep, and of rules that are nested in one another there may be a hundred, at
 * two a rule. Ten times as deep, functions that walk it run out of stack.
 */
const MAX_DEPTH = 300;

/** Throws a SourceError for bytes that are no UTF-8: in their place would be another letter, without a word. */
export function readText(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new SourceError(`${file} is no UTF-8 text, so that letters beyond ASCII would be lost: save it as UTF-8.`, { cause });
  }
}

/** JSON, which begins with a brace, or YAML. Throws a SourceError that says where the text stops being that. */
export function readDocument(text: string, file: string): Members {
  const json = /^\s*[{[]/.test(text) ? parseJson(text, file) : parseYaml(text, file);
  if (!isMembers(json)) throw new SourceError(`${file} holds no object at its top; is it the file that was meant?`);
  return json;
}

export function isMembers(json: unknown): json is Members {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

/** A step of a JSON Pointer. */
export function step(name: string | number): string {
  return `/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

function parseJson(text: string, file: string): unknown {
  try {
    const json: unknown = JSON.parse(text.trimStart());
    refuseTwins(text, file);
    return json;
  } catch (cause) {
    if (cause instanceof SourceError) throw cause;
    throw new SourceError(`${file} is no JSON: ${(cause as Error).message}.`, { cause });
  }
}

/** A text, with the colon that makes it a name, or whatever else opens, closes or goes on. */
const TOKENS = /("(?:[^"\\]+|\\.)*")(\s*:)?|[{}[\],]/g;

/** @param text valid JSON */
function refuseTwins(text: string, file: string): void {
  const around: { readonly names: Set<string>; at: string | number }[] = [];
  for (const [token, name, colon] of text.matchAll(TOKENS)) {
    const inside = around.at(-1);
    if (token === '{' || token === '[') {
      if (around.length === MAX_DEPTH) throw tooDeep(file);
      around.push({ names: new Set(), at: 0 });
    } else if (token === '}' || token === ']') around.pop();
    else if (token === ',' && typeof inside?.at === 'number') inside.at++;
    else if (name !== undefined && colon !== undefined && inside !== undefined) {
      inside.at = JSON.parse(name) as string;
      if (inside.names.has(inside.at))
        throw new SourceError(
          `${file} has '${inside.at}' twice in one object (${around.map(({ at }) => step(at)).join('')}): keep one of them.`,
        );
      inside.names.add(inside.at);
    }
  }
}

function tooDeep(file: string): SourceError {
  return new SourceError(`${file} is nested more than ${MAX_DEPTH} deep: is it the file that was meant?`);
}

function parseYaml(text: string, file: string): unknown {
  try {
    // Merge keys, as flagd reads them.
    const document = parseDocument(text, { merge: true });
    const [error] = document.errors;
    if (error !== undefined) throw error;
    const json: unknown = document.toJS({ maxAliasCount: 100 });
    // Its depth is that of the JSON that it says.
    refuseTwins(JSON.stringify(json ?? null), file);
    return json;
  } catch (cause) {
    if (cause instanceof SourceError) throw cause;
    if (cause instanceof RangeError) throw tooDeep(file);
    throw new SourceError(`${file} is no YAML: ${((cause as Error).message.split('\n')[0] ?? '').replace(/:$/, '')}.`, { cause });
  }
}
