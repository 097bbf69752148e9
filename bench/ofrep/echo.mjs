// @ts-check
/** The floor: a Fastify route that answers the JSON it is sent, and nothing else. */
import { createRequire } from 'node:module';
import { root } from '../../scripts/launch.mjs';
import { answerQuestions } from '../delivery/questions.mjs';

const { default: fastify } = await import(createRequire(`${root}/apps/server/package.json`).resolve('fastify'));
const app = fastify();
app.post('/echo', async (/** @type {{ body: unknown }} */ request) => request.body);
await app.listen({ host: '127.0.0.1', port: 0 });

answerQuestions({ port: () => /** @type {import('node:net').AddressInfo} */ (app.server.address()).port });
