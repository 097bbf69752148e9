import Fastify from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { afterEach, expect, it } from 'vitest';
import { answerInTime } from './answer-in-time.ts';
import type { App } from './app-type.ts';
import { handleErrors } from './error-handler.ts';

let app: App;
afterEach(() => app.close());

it.each(['GET', 'POST'])('answers 503 to a %s that takes longer than it may, also after its body was read', async (method) => {
  app = Fastify({ handlerTimeout: 100 }).withTypeProvider<ZodTypeProvider>();
  handleErrors(app);
  answerInTime(app);
  app.route({ method, url: '/', handler: () => new Promise(() => undefined) });
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  const body = method === 'POST' ? { body: '{}', headers: { 'content-type': 'application/json' } } : {};
  const answer = await fetch(url, { method, ...body });
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
  // Of what only reads, it is known that nothing was made.
  const code = method === 'GET' ? 'unavailable' : 'outcome_unknown';
  expect(await answer.json()).toMatchObject({ error: { code } });
});

it('never begins a route whose caller was answered while it was asked for its rights', async () => {
  app = Fastify({ handlerTimeout: 50 }).withTypeProvider<ZodTypeProvider>();
  handleErrors(app);
  answerInTime(app);
  let letIn: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => {
    letIn = resolve;
  });
  app.addHook('onRequest', () => asked);
  let isBegun = false;
  app.post('/', async () => {
    isBegun = true;
  });
  const { statusCode, body } = await app.inject({ method: 'POST', url: '/' });
  expect([statusCode, JSON.parse(body).error.code]).toEqual([503, 'unavailable']);
  letIn();
  await new Promise(setImmediate);
  expect(isBegun).toBe(false);
});

it('leaves what is answered in time alone', async () => {
  app = Fastify({ handlerTimeout: 50 }).withTypeProvider<ZodTypeProvider>();
  answerInTime(app);
  app.get('/', async (_request, reply) => {
    reply.hijack();
    reply.raw.write('begun, ');
    setTimeout(() => reply.raw.end('and ended'), 150);
  });
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  expect(await (await fetch(url)).text()).toBe('begun, and ended');
});
