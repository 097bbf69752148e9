/** The management API as automation uses it: a bearer token, JSON in, JSON out. */
import { API_TOKEN } from '../../scripts/launch.mjs';

export async function callApi<T>(adminUrl: string, method: 'GET' | 'POST', path: string): Promise<T> {
  const headers = { authorization: `Bearer ${API_TOKEN}`, 'content-type': 'application/json' };
  const response = await fetch(`${adminUrl}/api/v1${path}`, { method, headers, body: method === 'POST' ? '{}' : null });
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
}

/** Flips the demo project's kill switch in production. */
export function switchRecommendations(adminUrl: string, on: boolean): Promise<unknown> {
  const verb = on ? 'unkill' : 'kill';
  return callApi(adminUrl, 'POST', `/projects/shop/flags/recommendations/environments/production/${verb}`);
}
