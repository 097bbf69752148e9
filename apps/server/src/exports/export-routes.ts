/** `/api/v1/export` and `/api/v1/import`: the whole instance as one file. Both work on files, so that neither has to fit into memory. */
import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { importReport, reason } from '@yardarm/contract';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { executeCommand } from '../changes/execute-command.ts';
import type { CommandDependencies } from '../changes/run-command.ts';
import { AppError } from '../errors.ts';
import type { App, Management } from '../http/app-type.ts';
import { ERROR_RESPONSES } from '../http/error-handler.ts';
import { writeExport } from './write-export.ts';

const MEDIA_TYPE = 'application/x-ndjson';
/** Several times the largest instance that the limits allow with its history left out. */
const MAX_IMPORT_BYTES = 1024 * 1024 * 1024;
/** For the whole of an export or import. */
const TIMEOUT_MS = 10 * 60_000;

const flag = z
  .enum(['true', 'false'])
  .default('false')
  .transform((text) => text === 'true');
const exportQuery = z.object({ secrets: flag, history: flag, reason });

export function registerExportRoutes(
  app: App,
  management: Management & Required<Pick<CommandDependencies, 'secretBox'>> & { readonly version: string },
): void {
  app.get(
    '/api/v1/export',
    {
      config: { policy: 'instance.export' },
      handlerTimeout: TIMEOUT_MS,
      schema: { querystring: exportQuery, produces: [MEDIA_TYPE] },
    },
    async (request, reply) => {
      const { secrets, history } = request.query;
      await executeCommand(management, request, { type: 'instance.export', target: {}, input: request.query });
      const folder = await mkdtemp(join(tmpdir(), 'yardarm-export-'));
      try {
        const path = join(folder, 'export.jsonl');
        await writeExport(management.db, path, { secrets, history, version: management.version });
        const file = await open(path);
        const { size } = await file.stat();
        reply.header('cache-control', 'no-store').header('content-length', size).type(MEDIA_TYPE);
        reply.header('content-disposition', 'attachment; filename="yardarm-export.jsonl"');
        return reply.send(file.createReadStream());
      } finally {
        // Open files outlive their names.
        await rm(folder, { recursive: true, force: true });
      }
    },
  );

  app.register(async (inner) => {
    const scope = inner.withTypeProvider<ZodTypeProvider>();
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(MEDIA_TYPE, (_request, payload, done) => done(null, payload));
    scope.post(
      '/api/v1/import',
      {
        config: { policy: 'instance.import' },
        bodyLimit: MAX_IMPORT_BYTES,
        handlerTimeout: TIMEOUT_MS,
        schema: {
          querystring: z.object({ reason }),
          consumes: [MEDIA_TYPE],
          response: { 200: importReport, ...ERROR_RESPONSES },
        },
      },
      async (request) => {
        const folder = await mkdtemp(join(tmpdir(), 'yardarm-import-'));
        try {
          const path = join(folder, `${randomUUID()}.jsonl`);
          const sha256 = await spool(request.body as Readable | undefined, path);
          const input = { sha256, reason: request.query.reason ?? 'Import of an export' };
          return await executeCommand({ ...management, attachment: path }, request, {
            type: 'instance.import',
            target: {},
            input,
          });
        } finally {
          await rm(folder, { recursive: true, force: true });
        }
      },
    );
  });
}

/** Writes the body to the file and answers its SHA-256. Throws `payload_too_large`, and `validation_failed` without a body. */
async function spool(body: Readable | undefined, path: string): Promise<string> {
  if (body === undefined || body === null)
    throw new AppError('validation_failed', `The body must be an export: send Content-Type: ${MEDIA_TYPE}.`);
  const hash = createHash('sha256');
  let bytes = 0;
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      hash.update(chunk);
      if (bytes <= MAX_IMPORT_BYTES) done(null, chunk);
      else done(new AppError('payload_too_large', `An export may take ${MAX_IMPORT_BYTES} bytes at most.`));
    },
  });
  await pipeline(body, meter, createWriteStream(path, { mode: 0o600 }));
  return hash.digest('hex');
}
