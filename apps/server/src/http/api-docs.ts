/**
 * `/api/docs`: the description of the API as one readable page, made on the server. It runs no script and loads nothing from
 * elsewhere, so it works under the strict content security policy and without the internet.
 */
import type { ApiDocument, ApiOperation, ApiParameter, ApiSchema } from './openapi.ts';

export const API_DOCS_STYLE_PATH = '/api/docs/style.css';
/** Deeper than any body of ours, except for those that nest in themselves: they are named and shown once. */
const MAX_DEPTH = 8;

/** A whole HTML document. */
export function renderApiDocs({ info, paths, components }: ApiDocument): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
  const tags = [...new Set(operations.map(({ operation }) => operation.tags?.[0] ?? ''))];
  const sections = tags.map((tag) => {
    const own = operations.filter(({ operation }) => operation.tags?.[0] === tag);
    return `<section id="${toId(tag)}"><h2>${toHtml(tag)}</h2>${own.map(renderOperation).join('')}</section>`;
  });
  const schemas = Object.entries(components.schemas).map(
    ([name, schema]) =>
      `<section class="schema" id="schema-${toHtml(name)}"><h3>${toHtml(name)}</h3>${renderSchema(schema, 0)}</section>`,
  );
  const links = [...tags, 'Schemas'].map((tag) => `<li><a href="#${toId(tag)}">${toHtml(tag)}</a></li>`).join('');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${toHtml(info.title)}</title><link rel="stylesheet" href="${API_DOCS_STYLE_PATH}"></head><body>
<nav aria-label="Sections"><a class="brand" href="/">Yardarm</a><ul>${links}</ul></nav>
<main><h1>${toHtml(info.title)} <small>${toHtml(info.version)}</small></h1>
<p>${toHtml(info.description)}</p>
<p>Send <code>Authorization: Bearer &lt;token&gt;</code>. The same as a file for tools: <a href="/api/v1/openapi.json">openapi.json</a>.</p>
${sections.join('\n')}
<section id="schemas"><h2>Schemas</h2>${schemas.join('')}</section></main></body></html>`;
}

function renderOperation({ method, path, operation }: { method: string; path: string; operation: ApiOperation }): string {
  const { summary = '', operationId = '', parameters = [], requestBody, responses } = operation;
  const body = requestBody === undefined ? undefined : Object.values(requestBody.content)[0]?.schema;
  const parts = [
    part('Parameters', parameters.length === 0 ? '' : `<ul class="members">${parameters.map(renderParameter).join('')}</ul>`),
    part(`Body${requestBody?.required ? '' : ' (may be left out)'}`, body === undefined ? '' : renderSchema(body, 0)),
    ...Object.entries(responses).map(([status, { description, content }]) => {
      const schema = content === undefined ? undefined : Object.values(content)[0]?.schema;
      return part(`Answer ${status}`, `<p>${toHtml(description)}</p>${schema === undefined ? '' : renderSchema(schema, 0)}`);
    }),
    part('Example', `<pre tabindex="0">${toHtml(toCurl(method, path, operation, body))}</pre>`),
  ];
  const verb = `<span class="verb ${method.toLowerCase()}">${method}</span>`;
  const title = `<summary>${verb} <code>${breakable(path)}</code> <span class="what">${toHtml(summary)}</span></summary>`;
  return `<details id="${toHtml(operationId)}">${title}<div class="parts">${parts.join('')}</div></details>`;
}

function part(title: string, content: string): string {
  return content === '' ? '' : `<h4>${toHtml(title)}</h4>${content}`;
}

function renderParameter({ name, in: place, required, description, schema }: ApiParameter): string {
  return renderMember(name, { ...schema, description }, { required: required === true, note: place === 'path' ? '' : place }, 1);
}

function renderMember(
  name: string,
  schema: ApiSchema,
  { required, note }: { required: boolean; note: string },
  depth: number,
): string {
  const marks = `${required ? '<span class="required">required</span>' : ''}${note === '' ? '' : `<span class="note">${toHtml(note)}</span>`}`;
  const description =
    typeof schema.description === 'string' && schema.description !== '' ? `<p>${toHtml(schema.description)}</p>` : '';
  return `<li><code>${toHtml(name)}</code> <span class="type">${typeOf(schema)}</span> ${marks}${description}${renderInside(schema, depth)}</li>`;
}

function renderSchema(schema: ApiSchema, depth: number): string {
  return `<p class="type">${typeOf(schema)}</p>${renderInside(schema, depth)}`;
}

/** The members of an object, of the items of a list, or of each alternative. */
function renderInside(schema: ApiSchema, depth: number): string {
  if (depth > MAX_DEPTH) return '';
  if (isSchema(schema.items)) return renderInside(schema.items, depth + 1);
  const alternatives = alternativesOf(schema).filter((each) => isSchema(each.properties));
  if (alternatives.length === 1 && alternatives[0]) return renderInside(alternatives[0], depth + 1);
  if (alternatives.length > 1)
    return alternatives.map((each) => `<div class="either">${renderInside(each, depth + 1)}</div>`).join('');
  if (!isSchema(schema.properties)) return '';
  const required = Array.isArray(schema.required) ? schema.required : [];
  const members = Object.entries(schema.properties).map(([name, member]) =>
    isSchema(member) ? renderMember(name, member, { required: required.includes(name), note: '' }, depth + 1) : '',
  );
  return members.length === 0 ? '' : `<ul class="members">${members.join('')}</ul>`;
}

/** One phrase, as HTML: `text, one of a, b`, `list of Flag`, `text or null`. */
function typeOf(schema: ApiSchema): string {
  if (typeof schema.$ref === 'string') {
    const name = toHtml(schema.$ref.split('/').at(-1) ?? '');
    return `<a href="#schema-${name}">${name}</a>`;
  }
  const alternatives = alternativesOf(schema);
  if (alternatives.length > 0) return [...new Set(alternatives.map(typeOf))].join(' or ');
  if (Array.isArray(schema.enum)) return schema.enum.map((value) => `<code>${toHtml(JSON.stringify(value))}</code>`).join(' or ');
  if (schema.const !== undefined) return `<code>${toHtml(JSON.stringify(schema.const))}</code>`;
  if (schema.type === 'array') return isSchema(schema.items) ? `list of ${typeOf(schema.items)}` : 'list';
  const names = Array.isArray(schema.type) ? schema.type : [schema.type ?? 'any value'];
  return [names.join(' or '), ...limitsOf(schema)].map((text) => toHtml(String(text))).join(', ');
}

function limitsOf(schema: ApiSchema): string[] {
  const { format, minimum, maximum, minLength, maxLength } = schema;
  const isSafe = (bound: unknown) => typeof bound === 'number' && Math.abs(bound) < Number.MAX_SAFE_INTEGER;
  return [
    typeof format === 'string' ? format : '',
    isSafe(minimum) ? `at least ${minimum}` : '',
    isSafe(maximum) ? `at most ${maximum}` : '',
    typeof minLength === 'number' && minLength > 1 ? `at least ${minLength} characters` : '',
    typeof maxLength === 'number' ? `at most ${maxLength} characters` : '',
    schema.default === undefined ? '' : `default ${JSON.stringify(schema.default)}`,
  ].filter((text) => text !== '');
}

function alternativesOf(schema: ApiSchema): ApiSchema[] {
  const all = schema.anyOf ?? schema.oneOf;
  return Array.isArray(all) ? all.filter(isSchema) : [];
}

function isSchema(value: unknown): value is ApiSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const SAMPLES: { readonly [name: string]: string } = {
  project: 'shop',
  environment: 'production',
  flag: 'new-checkout',
  change: '812-1',
};

function toCurl(method: string, path: string, { parameters = [] }: ApiOperation, body: ApiSchema | undefined): string {
  const address = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => SAMPLES[name] ?? `<${name}>`);
  const lines = [
    `curl${method === 'GET' ? '' : ` -X ${method}`} "$YARDARM_URL${address}"`,
    `-H "authorization: Bearer $YARDARM_TOKEN"`,
  ];
  if (parameters.some(({ name }) => name === 'if-match')) lines.push(`-H 'if-match: "v3"'`);
  if (body !== undefined) lines.push("-H 'content-type: application/json'", `-d '${JSON.stringify(exampleOf(body))}'`);
  return lines.join(' \\\n  ');
}

/** The members that must be there, each with the simplest value of its type. */
function exampleOf(schema: ApiSchema): unknown {
  const [first] = alternativesOf(schema);
  if (first !== undefined) return exampleOf(first);
  if (Array.isArray(schema.enum)) return schema.enum[0];
  if (schema.const !== undefined) return schema.const;
  if (schema.type === 'array') return [];
  if (schema.type === 'boolean') return true;
  if (schema.type === 'integer' || schema.type === 'number') return schema.minimum ?? 1;
  if (schema.type !== 'object') return '…';
  const required = Array.isArray(schema.required) ? schema.required : [];
  const properties = isSchema(schema.properties) ? schema.properties : {};
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, member]) =>
      required.includes(name) && isSchema(member) ? [[name, exampleOf(member)]] : [],
    ),
  );
}

/** Long paths may break before a slash. */
function breakable(path: string): string {
  return toHtml(path).replaceAll('/', '<wbr>/');
}

function toId(tag: string): string {
  return tag.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
}

function toHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
