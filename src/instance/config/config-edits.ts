import type { Layout } from './config-entries.ts';
import type { OperatorValue } from './config-values.ts';

/**
 * Sets keys in the text of a config.yml. A key that the file has gets its new value in place, the others are appended; all
 * other characters stay.
 */
export function editText(
  text: string,
  layout: Layout,
  values: readonly (readonly [key: string, value: OperatorValue])[],
): string {
  const { entries, indent, end } = layout;
  const pieces: { start: number; end: number; replacement: string }[] = [];
  const added: string[] = [];
  for (const [key, value] of values) {
    const entry = entries.get(key);
    if (entry === undefined) added.push(`${' '.repeat(indent)}${key}: ${written(value)}`);
    else pieces.push({ ...entry, replacement: entry.form === 'scalar' ? written(value) : ` ${written(value)}` });
  }
  if (added.length > 0) {
    const isLineEnded = end === 0 || text[end - 1] === '\n';
    const lineEnd = /\r?\n/.exec(text)?.[0] ?? '\n';
    const lines = added.map((line) => line + lineEnd).join('');
    pieces.push({ start: end, end, replacement: isLineEnded ? lines : lineEnd + lines });
  }
  // From the end of the text, so that the offsets of the others stay true.
  return pieces
    .toSorted((a, b) => b.start - a.start)
    .reduce((edited, { start, end, replacement }) => edited.slice(0, start) + replacement + edited.slice(end), text);
}

/** A value on one line, strings in double quotes. YAML 1.1 and 1.2 both read JSON, these characters as escapes only. */
function written(value: OperatorValue): string {
  return JSON.stringify(value).replace(
    /[\u007F-\u009F\u2028\u2029\uFEFF\uFFFE\uFFFF]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
