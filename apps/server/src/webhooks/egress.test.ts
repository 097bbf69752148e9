import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEgress } from './egress.ts';
import { createAddressCheck, parseAllowedTargets } from './public-address.ts';

let server: Server;
let port: number;
let seen: { host: string | undefined; url: string | undefined; body: string }[];
let answer: (response: import('node:http').ServerResponse) => void;

beforeEach(async () => {
  seen = [];
  answer = (response) => response.end('ok');
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    seen.push({ host: request.headers.host, url: request.url, body });
    answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const nobody = parseAllowedTargets('');
const loopback = parseAllowedTargets('127.0.0.0/8');
const resolvesTo = (...addresses: string[]) => ({ resolve: async () => addresses });

describe('SSRF: the server reaches public addresses only', () => {
  it.each([
    ...['0.0.0.0', '10.1.2.3', '100.64.0.1', '127.0.0.1', '169.254.169.254', '172.16.0.1', '172.31.255.255', '192.168.1.1'],
    ...['192.0.2.1', '198.18.0.1', '224.0.0.1', '239.255.255.255', '255.255.255.255'],
    ...['::', '::1', '::ffff:127.0.0.1', '::ffff:8.8.8.8', '::127.0.0.1', 'fe80::1', 'fc00::1', 'fd00:ec2::254', 'ff02::1'],
    ...['64:ff9b::7f00:1', '2002:7f00:1::', '2001::1', '2001:db8::1', 'not an address'],
  ])('does not take %s for public', (address) => {
    expect(createAddressCheck(nobody)(address)).toBe(false);
  });

  it.each(['1.1.1.1', '8.8.8.8', '100.128.0.1', '172.32.0.1', '2606:4700:4700::1111', '2a00:1450:4001::200e'])(
    'takes %s for public',
    (address) => {
      expect(createAddressCheck(nobody)(address)).toBe(true);
    },
  );

  it.each([
    ['http://127.0.0.1/', /not public/],
    ['http://localhost/', /not public/],
    ['http://2130706433/', /not public/],
    ['http://0x7f.1/', /not public/],
    ['http://017700000001/', /not public/],
    ['http://[::1]/', /not public/],
    ['http://[::ffff:169.254.169.254]/latest/meta-data', /not public/],
    ['http://169.254.169.254/latest/meta-data', /not public/],
    ['https://user:secret@example.com/', /user or a password/],
    ['ftp://example.com/', /https:\/\/ or http:/],
    ['file:///etc/passwd', /https:\/\/ or http:/],
    ['example.com', /no address/],
    ['https://1.1.1.1:8443/', /Port 8443 is not 80 or 443/],
  ])('refuses %s on save and on send', async (url, sentence) => {
    const egress = createEgress({ allowed: nobody });
    await expect(egress.check(url)).rejects.toThrow(sentence);
    await expect(egress.post(url, {}, '{}')).rejects.toThrow(sentence);
  });

  it('refuses a name when one of its addresses is not public', async () => {
    const egress = createEgress({ allowed: nobody, ...resolvesTo('1.1.1.1', '10.0.0.1') });
    await expect(egress.check('https://hooks.example.com/')).rejects.toThrow(/not public/);
  });

  it('DNS rebinding: a name that is public on save and private on send is refused, and nothing is sent', async () => {
    const answers = ['1.1.1.1', '127.0.0.1'];
    const egress = createEgress({
      allowed: parseAllowedTargets(`other.example.com:${port}`),
      resolve: async () => [answers.shift() ?? ''],
    });
    await egress.check('http://hooks.example.com/');
    await expect(egress.post('http://hooks.example.com/', {}, '{}')).rejects.toThrow(/not public/);
    expect(seen).toEqual([]);
  });

  it('DNS rebinding: connects to the address that was checked, and asks for no other', async () => {
    let asked = 0;
    const resolve = async () => {
      asked++;
      return asked === 1 ? ['127.0.0.1'] : ['127.0.0.99'];
    };
    const egress = createEgress({ allowed: loopback, resolve });
    expect(await egress.post(`http://hooks.example.com:${port}/in?x=1`, {}, 'hello')).toBe(200);
    expect(asked).toBe(1);
    expect(seen).toEqual([{ host: `hooks.example.com:${port}`, url: '/in?x=1', body: 'hello' }]);
  });

  it('follows no redirect, to a metadata address least of all', async () => {
    answer = (response) => response.writeHead(302, { location: `http://127.0.0.1:${port}/secret` }).end();
    const egress = createEgress({ allowed: loopback });
    await expect(egress.post(`http://127.0.0.1:${port}/`, {}, '{}')).rejects.toThrow(
      'The target answered 302, and redirects are not followed.',
    );
    expect(seen).toHaveLength(1);
  });
});

describe('what an operator allows', () => {
  it('is ranges on any port, and hosts on one port', async () => {
    await createEgress({ allowed: loopback }).check(`http://127.0.0.1:${port}/`);
    const host = createEgress({ allowed: parseAllowedTargets(`hooks.internal:${port}`), ...resolvesTo('127.0.0.1') });
    await host.check(`http://hooks.internal:${port}/`);
    await expect(host.check('http://hooks.internal/')).rejects.toThrow(/not public/);
    await expect(host.check(`http://127.0.0.1:${port}/`)).rejects.toThrow(/not public/);
  });

  it('is refused in a sentence when it is neither', () => {
    for (const text of ['10.0.0.0', '10.0.0.0/33', 'hooks.internal', '*:80'])
      expect(() => parseAllowedTargets(text)).toThrow(/neither a range/);
  });
});

describe('a target that misbehaves', () => {
  it('costs no more than the time limit', async () => {
    answer = () => undefined;
    const egress = createEgress({ allowed: loopback, timeoutMs: 100 });
    await expect(egress.post(`http://127.0.0.1:${port}/`, {}, '{}')).rejects.toThrow('The target did not answer in time.');
    const slowName = createEgress({ allowed: loopback, timeoutMs: 100, resolve: () => new Promise(() => undefined) });
    await expect(slowName.check('http://hooks.example.com/')).rejects.toThrow(/could not be looked up in time/);
  });

  it('may answer as much as it likes: 64 KiB of it are read, and none is shown', async () => {
    let ended = false;
    answer = (response) => {
      response.writeHead(500);
      response.on('close', () => {
        ended = true;
      });
      const more = () => {
        while (response.write('secret '.repeat(10_000)));
        response.once('drain', more);
      };
      more();
    };
    const egress = createEgress({ allowed: loopback });
    const error = await egress.post(`http://127.0.0.1:${port}/`, {}, '{}').catch((caught: Error) => caught);
    expect(String(error)).toBe('EgressError: The target answered 500.');
    await expect.poll(() => ended).toBe(true);
  });
});
