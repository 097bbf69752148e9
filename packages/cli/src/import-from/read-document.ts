import { parseDocument } from 'yaml';
import { SourceError } from './imported.ts';

type Members = { readonly [member: string]: unknown };

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
    return JSON.parse(text.trimStart());
  } catch (cause) {
    throw new SourceError(`${file} is no JSON: ${(cause as Error).message}.`, { cause });
  }
}

function parseYaml(text: string, file: string): unknown {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error !== undefined)
    throw new SourceError(`${file} is no YAML: ${(error.message.split('\n')[0] ?? '').replace(/:$/, '')}.`);
  return document.toJS({ maxAliasCount: 100 });
}
