/** The management API as automation uses it: a bearer token, JSON in, JSON out. */
import { API_TOKEN } from '../../scripts/launch.mjs';

export async function callApi<T>(
  adminUrl: string,
  method: 'GET' | 'POST' | 'PATCH',
  path: string,
  { body = {}, version }: { readonly body?: object; readonly version?: number } = {},
): Promise<T> {
  const headers = {
    authorization: `Bearer ${API_TOKEN}`,
    'content-type': 'application/json',
    ...(version !== undefined && { 'if-match': `"v${version}"` }),
  };
  const response = await fetch(`${adminUrl}/api/v1${path}`, {
    method,
    headers,
    body: method === 'GET' ? null : JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
}

/** Flips the demo project's kill switch in production. */
export function switchRecommendations(adminUrl: string, on: boolean): Promise<unknown> {
  const verb = on ? 'unkill' : 'kill';
  return callApi(adminUrl, 'POST', `/projects/shop/flags/recommendations/environments/production/${verb}`);
}
