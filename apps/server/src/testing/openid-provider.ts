/** A real OpenID provider on a free port of this machine, and a browser without pictures that signs in there. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';

export const CLIENT = { id: 'yardarm', secret: 'client-secret-of-the-test-suite' };

export interface TestProvider {
  readonly issuer: string;
  /** What it says of everybody who signs in from now on; `sub` is the name typed in. */
  claims: Record<string, unknown>;
  close(): Promise<void>;
}

/** @param redirectUri where it may send people back to. */
export async function startOpenIdProvider(redirectUri: string, { algorithm = 'RS256' } = {}): Promise<TestProvider> {
  const http = createServer();
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const issuer = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const server: TestProvider = {
    issuer,
    claims: {},
    close: async () => {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: CLIENT.id,
        client_secret: CLIENT.secret,
        redirect_uris: [redirectUri],
        token_endpoint_auth_method: 'client_secret_post',
        id_token_signed_response_alg: algorithm as 'RS256',
      },
    ],
    claims: { openid: ['sub'], profile: ['preferred_username', 'name'], email: ['email'], groups: ['groups'] },
    scopes: ['openid', 'profile', 'email', 'groups'],
    findAccount: (_context, id) => ({ accountId: id, claims: async () => ({ sub: id, ...server.claims }) }),
    cookies: { keys: ['cookie-key-of-the-test-suite'] },
  });
  http.on('request', provider.callback());
  return server;
}

/** Signs in at the provider as `login` and agrees to everything; answers the address that it sends the browser back to. */
export async function signInAt(start: string, login: string, redirectUri: string): Promise<string> {
  const cookies = new Map<string, string>();
  let url = start;
  let form: Record<string, string> | null = null;
  for (let step = 0; step < 20; step++) {
    if (url.startsWith(redirectUri)) return url;
    const response: Response = await fetch(url, {
      redirect: 'manual',
      headers: {
        cookie: [...cookies].map((pair) => pair.join('=')).join('; '),
        ...(form && { 'content-type': 'application/x-www-form-urlencoded' }),
      },
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    form = null;
    const location = response.headers.get('location');
    if (location !== null) {
      url = new URL(location, url).href;
      continue;
    }
    const page = await response.text();
    const action = /action="([^"]+)"/.exec(page)?.[1];
    if (action === undefined) throw new Error(`The provider answered ${response.status}: ${page.slice(0, 500)}`);
    url = new URL(action, url).href;
    form = page.includes('name="login"') ? { prompt: 'login', login, password: 'any' } : { prompt: 'consent' };
  }
  throw new Error('The provider never sent the browser back.');
}
