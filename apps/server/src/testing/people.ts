/** People for tests, made as everybody is: invited, then with a password and a session of their own. */
import type { User } from '@yardarm/contract';
import type { LightMyRequestResponse } from 'fastify';
import type { Grant } from '../auth/policies.ts';
import type { CallOptions, TestApp } from './test-app.ts';

export const PASSWORD = 'a lamp in the harbour';
/** What a browser sends from our own pages. */
export const OWN_PAGE = { 'sec-fetch-site': 'same-origin' };

export interface Person {
  readonly user: User;
  readonly cookie: string;
  /** As `TestApp.call`, with this person's session. */
  call(
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    path: string,
    options?: Pick<CallOptions, 'body' | 'headers'>,
  ): Promise<LightMyRequestResponse>;
}

export async function makePerson(server: TestApp, name: string, grants: readonly Partial<Grant>[] = []): Promise<Person> {
  const user = await server.must<User & { secret: string }>('POST', '/users', { body: { name, grants } });
  const cookie = cookieOf(await choosePassword(server, user.secret));
  return { user, cookie, call: callWith(server, cookie) };
}

export function callWith(server: TestApp, cookie: string): Person['call'] {
  return (method, path, { body, headers } = {}) =>
    server.call(method, path, { token: null, body, headers: { cookie, ...OWN_PAGE, ...headers } });
}

let address = 0;
/** Each from an address of its own: the limits per address have tests of their own. */
export function freshAddress(): string {
  address += 1;
  return `10.1.${Math.floor(address / 250)}.${(address % 250) + 1}`;
}

export function choosePassword(
  server: TestApp,
  token: string,
  password = PASSWORD,
  name?: string,
): Promise<LightMyRequestResponse> {
  const payload = { token, password, name };
  return server.app.inject({ method: 'POST', url: '/api/v1/password', payload, remoteAddress: freshAddress() });
}

export function signInWith(
  server: TestApp,
  name: string,
  password: string,
  remoteAddress = freshAddress(),
): Promise<LightMyRequestResponse> {
  return server.app.inject({ method: 'POST', url: '/api/v1/session/password', payload: { name, password }, remoteAddress });
}

export function cookieOf(response: LightMyRequestResponse): string {
  const [cookie] = response.cookies;
  if (cookie === undefined) throw new Error(`No cookie: ${response.statusCode} ${response.body}`);
  return `${cookie.name}=${cookie.value}`;
}
