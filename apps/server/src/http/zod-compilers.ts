/** Makes fastify validate requests and responses with zod, answering all issues and not the first. */
import type { FastifySchemaCompiler, FastifySerializerCompiler } from 'fastify';
import { type core, ZodObject, type ZodType } from 'zod';
import { AppError } from '../errors.ts';
import { toDetails } from './zod-details.ts';

const LOCATIONS: { readonly [httpPart: string]: string } = { querystring: 'query', params: 'params', headers: 'headers' };

/** The error of a refused request is an AppError `validation_failed`. */
export const validateWithZod: FastifySchemaCompiler<ZodType> = ({ schema, httpPart }) => {
  const location = httpPart === undefined ? undefined : LOCATIONS[httpPart];
  // A misspelt filter must not be none at all: `?tags=old` would list, and let a script kill, everything.
  const closed = httpPart === 'querystring' && schema instanceof ZodObject ? schema.strict() : schema;
  return (input: unknown) => {
    const result = closed.safeParse(input);
    if (result.success) return { value: result.data };
    return { error: refusalOf(result.error.issues, location) };
  };
};

/** @param location in front of every path; left out: of the body */
export function refusalOf(issues: readonly core.$ZodIssue[], location?: string): AppError {
  const details = toDetails(issues, location);
  return new AppError('validation_failed', toSentence(details.length, location), { details });
}

/**
 * For a route that answers many entities out of a presenter which names every member: checking a page of 100 flags against
 * their schema again took two thirds of the whole answer. The schema stays, for the API's description.
 */
export const serializePresented: FastifySerializerCompiler<unknown> = () => (answer) => JSON.stringify(answer);

function toSentence(count: number, location: string | undefined): string {
  const place = location === undefined ? 'body' : location;
  return `The request's ${place} has ${count === 1 ? 'a problem' : `${count} problems`}; see details.`;
}
