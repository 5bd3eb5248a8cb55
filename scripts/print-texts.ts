/**
 * Prints every text of src/ that a person may see, one a line, for reading: messages, remedies, log lines, summary, help.
 *
 *   npm run --silent texts [-- folder of src] | less
 */
import { glob, readFile } from 'node:fs/promises';
import { parse } from '@swc/core';

/** Words of a sentence, and no name, path or option. */
const SENTENCE = /[A-Za-z]{2,}[,:;.]? [A-Za-z]/;

/** The strings and templates in a syntax tree, with `…` for what a template fills in. */
function textsIn(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return [];
  if (Array.isArray(node)) return node.flatMap(textsIn);
  const { type, value, quasis } = Object.fromEntries(Object.entries(node));
  if (type === 'StringLiteral' && typeof value === 'string') return [value];
  const inner = Object.values(node).flatMap(textsIn);
  if (type !== 'TemplateLiteral' || !Array.isArray(quasis)) return inner;
  return [quasis.map(({ raw }: { raw: string }) => raw).join('…'), ...inner];
}

const [folder = ''] = process.argv.slice(2);
for await (const file of glob(`src/${folder}/**/*.ts`)) {
  const tree = await parse(await readFile(file, 'utf8'), { syntax: 'typescript' });
  for (const text of textsIn(tree.body)) {
    if (SENTENCE.test(text)) process.stdout.write(`${file}: ${text.replaceAll('\n', '\\n')}\n`);
  }
}
