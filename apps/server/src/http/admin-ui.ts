/**
 * Serves the built admin UI: files as they are, and index.html for every navigation of the single-page app.
 * Never answers HTML below the paths of machines: a client that mistypes one, or forgets to POST, gets JSON.
 */
import fastifyStatic from '@fastify/static';
import type { FastifyRequest } from 'fastify';
import { AppError } from '../errors.ts';
import type { App } from './app-type.ts';
import { answerError } from './error-handler.ts';

const MACHINE_PATHS = /^\/(api|sync|ofrep|flagd|health|metrics)(\/|$|\?)/;
/** Names below /assets/ hold a hash of their content, so they never change. */
const HASHED_FILES = /^\/assets\//;
const YEAR_SECONDS = 365 * 24 * 3_600;

/** `dir` null: no UI was built; everything unknown answers `not_found`. */
export async function serveAdminUi(app: App, dir: string | null): Promise<void> {
  app.setNotFoundHandler((request, reply) => answerError(notFound(request), request, reply));
  if (dir === null) return;
  await app.register(fastifyStatic, { root: dir, serve: false, index: false, cacheControl: false });
  app.get('/*', { config: { policy: 'public' }, schema: { hide: true } }, (request, reply) => {
    if (MACHINE_PATHS.test(request.url)) return reply.callNotFound();
    // Not "the file if there is one, else the page": a page's path may look like a file, as in /flags/a.js.
    if (isNavigation(request)) return reply.header('cache-control', 'no-cache').sendFile('index.html');
    reply.header('cache-control', HASHED_FILES.test(request.url) ? `public, max-age=${YEAR_SECONDS}, immutable` : 'no-cache');
    return reply.sendFile((request.params as { '*': string })['*']);
  });
}

/** Also what accepts anything, as `curl` and health probes do, unless the path's last part looks like a file. */
function isNavigation(request: FastifyRequest): boolean {
  return (request.headers.accept ?? '').includes('text/html') || /^[^?]*\/[^/.?]*(\?|$)/.test(request.url);
}

function notFound(request: FastifyRequest): AppError {
  return new AppError('not_found', `There is no ${request.method} ${request.url.split('?', 1)[0]}.`);
}
