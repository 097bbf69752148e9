/**
 * Defence against cross-site request forgery: a cookie travels with requests that other sites make, so a
 * request that changes something and is known by its cookie must come from our own pages.
 */
import type { IncomingHttpHeaders } from 'node:http';

export type RequestSource = 'same-origin' | 'cross-site' | 'unknown';

/**
 * Where a browser says that the request comes from. `unknown`: no browser of the last years, which sends
 * Sec-Fetch-Site on https and loopback, and Origin on every unsafe request.
 * @param publicUrl the configured address; a proxy may have rewritten Host.
 */
export function sourceOf(headers: IncomingHttpHeaders, publicUrl: string | null): RequestSource {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' ? 'same-origin' : 'cross-site';
  const { origin } = headers;
  if (origin === undefined) return 'unknown';
  if (publicUrl !== null && origin === new URL(publicUrl).origin) return 'same-origin';
  return URL.canParse(origin) && new URL(origin).host === headers.host ? 'same-origin' : 'cross-site';
}

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

export function isUnsafe(method: string): boolean {
  return !SAFE_METHODS.has(method);
}
