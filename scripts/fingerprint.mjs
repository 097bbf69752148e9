// @ts-check
/** Content hash of source files: unlike file times it survives checkouts, copies and clocks. */
import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';

/** Never part of a build: results, and what only tests read. */
const LEFT_OUT = /^(node_modules|dist|testing|\.data|.*\.tsbuildinfo|.*\.test\.tsx?)$/;

/**
 * @param {string} root
 * @param {string[]} inputs files and folders below `root`; folders count with everything in them
 * @param {(file: string) => boolean} [accepts] decides about each file, by its path below `root` with forward slashes
 * @returns {Promise<string>} the same text as long as no name and no content changes
 */
export async function fingerprint(root, inputs, accepts = () => true) {
  const files = (await Promise.all(inputs.map((input) => filesBelow(root, input)))).flat().filter(accepts).sort();
  const contents = await Promise.all(files.map((file) => readFile(path.join(root, file))));
  const hash = createHash('sha256');
  for (const [index, content] of contents.entries()) hash.update(`${files[index]}\0${content.length}\0`).update(content);
  return hash.digest('hex');
}

/**
 * @param {string} root
 * @param {string} name
 * @returns {Promise<string[]>}
 */
async function filesBelow(root, name) {
  if ((await stat(path.join(root, name))).isFile()) return [name];
  const entries = await readdir(path.join(root, name), { withFileTypes: true });
  const below = entries
    .filter((entry) => !LEFT_OUT.test(entry.name))
    .map((entry) => (entry.isDirectory() ? filesBelow(root, `${name}/${entry.name}`) : [`${name}/${entry.name}`]));
  return (await Promise.all(below)).flat();
}
