/** A project in which every text that people or applications choose tries to become HTML. */
import { YardarmProvider } from '../../packages/sdk-node/dist/index.js';
import { type Bed, PROJECT } from './bed.ts';

/** Without a space or a dot, so that it is the name of an attribute too. */
export const HTML = `<img/src="x"/onerror="pwned()">'&lt;`;
const LINK = { title: HTML, url: `https://example.com/${HTML}` };

/** What a page must not do, noted from its first script on. Read with `noticed`. */
export const WATCH = `
  window.noticed = [];
  window.pwned = () => window.noticed.push('a text was run as a script');
  addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => window.noticed.push(violatedDirective + ' ' + blockedURI));
`;

/** Resolves with what keeps an application connected under a hostile name; close it in the end. */
export async function seedHostileTexts(bed: Bed): Promise<YardarmProvider> {
  const project = `/projects/${PROJECT}`;
  const production = `${project}/environments/production`;
  const rename = async (path: string, input: object) => {
    const { version } = await bed.call<{ version: number }>('GET', path);
    await bed.call('PATCH', path, input, { 'if-match': `"v${version}"` });
  };
  await rename(project, { name: HTML });
  await rename(`${project}/environments/staging`, { name: HTML });
  await bed.call('PUT', `${project}/attributes/${encodeURIComponent(HTML)}`, { type: 'string', description: HTML });
  await bed.call('POST', `${project}/segments`, { key: 'crowd', name: HTML });
  await rename(`${project}/segments/crowd/environments/production`, { include: [HTML], reason: HTML });
  await bed.call('POST', `${project}/flags`, {
    key: 'banner',
    type: 'string',
    description: HTML,
    variants: { plain: HTML, script: '</script><script>pwned()</script>' },
    owner: HTML,
    tags: [HTML],
    links: [LINK],
    clientSide: true,
    reason: HTML,
  });
  await bed.call('POST', `${project}/flags`, { key: 'gone', kind: 'operational', variants: { on: true }, description: HTML });
  await bed.call('POST', `${project}/flags/gone/archive`, { reason: HTML });
  await rename(`${project}/flags/banner/environments/production`, {
    targets: [{ variant: 'plain', keys: [HTML] }],
    rules: [
      { id: 'r1', when: { attribute: HTML, op: 'in', values: [HTML] }, serve: { variant: 'script' } },
      { id: 'r2', when: { segment: 'crowd' }, serve: { variant: 'plain' } },
    ],
    reason: HTML,
  });
  await bed.call('POST', `${project}/flags/banner/environments/production/unkill`, { reason: HTML });
  await bed.call('POST', '/users', { name: HTML, grants: [{ role: 'viewer', project: PROJECT }] });
  await bed.call('POST', '/tokens', { name: HTML, grants: [{ role: 'viewer', project: PROJECT }] });
  const breakGlass = await bed.call<{ secret: string }>('POST', '/tokens', { name: `${HTML} 2`, kind: 'break_glass' });
  await fetch(`${bed.url}/api/v1${project}/flags/banner/environments/production/kill`, {
    method: 'POST',
    headers: { authorization: `Bearer ${breakGlass.secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({ reason: HTML }),
  });
  const { secret: key } = await bed.call<{ secret: string }>('POST', `${production}/keys`, { kind: 'server', name: HTML });
  const provider = new YardarmProvider({ url: bed.url, key, app: { name: HTML, version: HTML } });
  await provider.initialize();
  provider.string('banner', HTML, { targetingKey: HTML });
  provider.string(HTML, HTML, { targetingKey: HTML });
  return provider;
}
