/**
 * A member of a JSON object as a line of YAML: JSON is YAML, but for a few characters that YAML has escaped, some of them because its
 * older versions take them for the end of a line. A library that lays YAML out takes milliseconds for a flag.
 */

/** What is not printable in YAML, and what ends a line in YAML 1.1. */
const ESCAPED = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

/** @param member `"key": value` as JSON text without line feeds. @returns the same below a mapping's name, on a line of its own */
export function toYamlLine(member: string): string {
  const escaped = member.replace(ESCAPED, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return `\n  ${escaped}`;
}
