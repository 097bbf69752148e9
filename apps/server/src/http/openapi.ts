/** `/api/v1/openapi.json`: the management API, generated from the schemas that its routes validate with. */
import swagger from '@fastify/swagger';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import type { App } from './app-type.ts';

/** Register before the routes that it is to describe. */
export async function describeApi(app: App, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Yardarm management API', version },
      components: {
        securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'An API token.' } },
      },
      security: [{ token: [] }],
    },
    transform: ({ schema, url, ...rest }) =>
      url.startsWith('/api/') ? jsonSchemaTransform({ schema, url, ...rest }) : { schema: { hide: true }, url },
  });
  app.get('/api/v1/openapi.json', { config: { policy: 'public' }, schema: { hide: true } }, () => app.swagger());
}
