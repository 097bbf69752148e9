/** Names and the small scalars that every schema of the management API is made of. */
import { z } from 'zod';

/** Keys appear in URLs, code and metrics: letters, digits, `_`, `.` and `-`, at most 128 characters. */
const KEY_PATTERN = /^[A-Za-z0-9][\w.-]{0,127}$/;
const RESERVED = new Set(['__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty']);

function keySchema(what: string) {
  return z
    .string()
    .regex(KEY_PATTERN, `A ${what} is 1 to 128 letters, digits, '_', '.' or '-', and starts with a letter or digit.`)
    .refine((key) => !RESERVED.has(key), `This ${what} is reserved by JavaScript; choose another.`);
}

export const projectKey = keySchema('project key');
export const environmentKey = keySchema('environment key');
export const flagKey = keySchema('flag key');
export const segmentKey = keySchema('segment key');
export const variantName = keySchema('variant name');
export const ruleId = keySchema('rule id');
export const teamKey = keySchema('team key');

/** Dotted path into the context, `app.version`; no step is a name that JavaScript reserves. */
export const attributeName = z
  .string()
  .max(256)
  .regex(/^[^\s.]+(?:\.[^\s.]+)*$/, "An attribute is a path such as 'country' or 'app.version', without spaces.")
  .refine((path) => !path.split('.').some((step) => RESERVED.has(step)), 'This attribute has a step reserved by JavaScript.');

/** Why a change is made; kept for ever in the history. */
export const reason = z.string().trim().max(1_000).optional();
/** A calendar day, `2027-01-31`. There is no year 0. */
export const day = z.iso.date().refine((text) => !text.startsWith('0000'), 'There is no year 0; a day looks like 2027-01-31.');
/** Integer per entity that grows by one with each edit; quoted in `If-Match`. */
export const version = z.int().positive();
