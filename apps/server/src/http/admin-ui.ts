/**
 * Serves the built admin UI: files as they are, and index.html for every navigation of the single-page app.
 * Never answers HTML below /api, /sync or /health: a client that mistypes a path there gets JSON.
 */
import fastifyStatic from '@fastify/static';
import type { FastifyRequest } from 'fastify';
import { AppError } from '../errors.ts';
import type { App } from './app-type.ts';
import { answerError } from './error-handler.ts';

const MACHINE_PATHS = /^\/(api|sync|health)(\/|$|\?)/;
/** Names below /assets/ hold a hash of their content, so they never change. */
const HASHED_FILES = /^\/assets\//;
const YEAR_MS = 365 * 24 * 3_600_000;

/** `dir` null: no UI was built; everything unknown answers `not_found`. */
export async function serveAdminUi(app: App, dir: string | null): Promise<void> {
  app.setNotFoundHandler((request, reply) => {
    if (dir !== null && isNavigation(request)) return reply.code(200).header('cache-control', 'no-cache').sendFile('index.html');
    return answerError(notFound(request), request, reply);
  });
  if (dir === null) return;
  await app.register(fastifyStatic, { root: dir, serve: false, index: false, cacheControl: false });
  app.get('/*', { config: { policy: 'public' }, schema: { hide: true } }, (request, reply) => {
    const path = request.url.split('?', 1)[0] as string;
    if (MACHINE_PATHS.test(request.url) || path === '/') return reply.callNotFound();
    const hashed = HASHED_FILES.test(path);
    reply.header('cache-control', hashed ? `public, max-age=${YEAR_MS / 1_000}, immutable` : 'no-cache');
    return reply.sendFile((request.params as { '*': string })['*']);
  });
}

function isNavigation(request: FastifyRequest): boolean {
  if (request.method !== 'GET' || MACHINE_PATHS.test(request.url)) return false;
  return (request.headers.accept ?? '').includes('text/html');
}

function notFound(request: FastifyRequest): AppError {
  return new AppError('not_found', `There is no ${request.method} ${request.url.split('?', 1)[0]}.`);
}
