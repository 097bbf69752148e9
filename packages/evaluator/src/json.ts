/** Reading JSON that may be anything: what every compiling module needs. */
import type { IssueCode } from './compiled.ts';

/** Conditions and object variants nest at most this deep, so that no JSON can exhaust the stack. */
export const MAX_DEPTH = 64;

/** Takes notice of a defect at a path inside the body being compiled. */
export type Report = (code: IssueCode, path: string) => void;

type Members = { readonly [member: string]: unknown };

export function isObject(json: unknown): json is Members {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

export function isText(json: unknown): json is string {
  return typeof json === 'string' && json !== '';
}

/** The array at `path`; an absent one is empty, anything else is reported and empty. */
export function listAt(json: unknown, path: string, report: Report): readonly unknown[] {
  if (Array.isArray(json)) return json;
  if (json !== undefined) report('malformed', path);
  return [];
}

/** Reports the features that this reader would have to know; so far it knows none by name. */
export function checkRequires(body: Members, report: Report): void {
  if (listAt(body.requires, '/requires', report).length > 0) report('unsupported', '/requires');
}
