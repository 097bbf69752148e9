/** Bodies are JSON and nothing else; an empty one is no body, since `curl -X POST -H content-type:…` means none. */
import { AppError } from '../errors.ts';
import type { App } from './app-type.ts';

/** A condition may nest 64 deep, which is at most two levels of JSON each; more only costs stack. */
const MAX_DEPTH = 160;

export function readJsonBodies(app: App): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, text, done) => {
    if (text === '') done(null, undefined);
    else if (depthOf(text) > MAX_DEPTH) done(new AppError('validation_failed', `The body nests more than ${MAX_DEPTH} deep.`));
    else void parse(request, text, done);
  });
}

/** How deep arrays and objects nest in a JSON text, without parsing it. */
export function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (inString) {
      if (character === '\\') index++;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{' || character === '[') deepest = Math.max(deepest, ++depth);
    else if (character === '}' || character === ']') depth--;
  }
  return deepest;
}
