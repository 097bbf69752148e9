import { expect, it } from 'vitest';
import { type TestApp, testApp } from '../testing/test-app.ts';

/** Twelve wrong passwords, each saying that it comes from another client. */
async function guess(server: TestApp, remoteAddress: string): Promise<number[]> {
  const codes: number[] = [];
  for (let attempt = 0; attempt < 12; attempt++) {
    const response = await server.app.inject({
      method: 'POST',
      url: '/api/v1/session/password',
      remoteAddress,
      headers: { 'x-forwarded-for': `203.0.113.${attempt + 1}`, 'x-real-ip': `203.0.113.${attempt + 1}` },
      payload: { name: `somebody ${attempt}`, password: 'a guess' },
    });
    codes.push(response.statusCode);
  }
  return codes;
}

it('spoofed proxy headers: nobody’s word about the client is believed unless the configuration says whose', async () => {
  const server = await testApp();
  expect(await guess(server, '10.0.0.1')).toEqual([...Array(10).fill(401), 429, 429]);
  await server.close();
});

it('spoofed proxy headers: only those of the configured proxies are believed', async () => {
  const server = await testApp({ trustedProxies: ['10.0.0.0/8'] });
  expect(await guess(server, '10.0.0.1')).toEqual(Array(12).fill(401));
  expect(await guess(server, '192.0.2.1')).toEqual([...Array(10).fill(401), 429, 429]);
  await server.close();
});
