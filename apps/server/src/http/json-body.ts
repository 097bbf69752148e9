/** Bodies are JSON and nothing else; an empty one is no body, since `curl -X POST -H content-type:…` means none. */
import type { App } from './app-type.ts';

export function readJsonBodies(app: App): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text, done) => {
    if (text === '') done(null, undefined);
    else void parse(request, text as string, done);
  });
}
