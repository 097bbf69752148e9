import { parseDocument } from 'yaml';
import { SourceError } from './imported.ts';

type Members = { readonly [member: string]: unknown };

/** JSON, or YAML, which holds it. Throws a SourceError that says where the text stops being either. */
export function readDocument(text: string, file: string): Members {
  const json = parseJson(text) ?? parseYaml(text, file);
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

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function parseYaml(text: string, file: string): unknown {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error !== undefined)
    throw new SourceError(`${file} is neither JSON nor YAML: ${(error.message.split('\n')[0] ?? '').replace(/:$/, '')}.`);
  return document.toJS({ maxAliasCount: 100 });
}
