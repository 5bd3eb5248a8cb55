/** GitHub's Markdown from text that is nobody's Markdown. */

/** Text that is no Markdown, HTML, mention or link, whatever it holds, on one line: fit for a table's cell. */
export function plain(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[&<>|`*_[\]\\~@#!:]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** The same with the text's own lines and their indentation, on one line of Markdown. */
export function plainLines(text: string): string {
  const lines = text.split(/\r?\n/).map((line) => {
    const indentation = /^ */.exec(line)?.[0].length ?? 0;
    return `${'&nbsp;'.repeat(indentation)}${plain(line.trim())}`;
  });
  return lines.reduce((text, line) => {
    if (!line.startsWith('- '))
      return text.endsWith('</li></ul>') && line.startsWith('&nbsp;')
        ? `${text.slice(0, -10)}<br>${line}</li></ul>`
        : joined(text, line);
    // A list, as GitHub shows it in a cell.
    const item = `<li>${line.slice(2)}</li></ul>`;
    return text.endsWith('</ul>') ? text.slice(0, -5) + item : `${text}<ul>${item}`;
  }, '');
}

function joined(text: string, line: string): string {
  return text === '' || text.endsWith('</ul>') ? text + line : `${text}<br>${line}`;
}

/** A name or a command in the font of code. */
export function code(text: string): string {
  return /^[\w./ -]+$/.test(text) ? `\`${text}\`` : `<code>${plain(text)}</code>`;
}

/** Markdown in which a secret's mask is no emphasis: outside of code it is spelled by character references. */
export function withPlainMasks(markdown: string): string {
  let fence: string | undefined;
  const lines = markdown.split('\n').map((line) => {
    const [mark] = /^`{3,}/.exec(line) ?? [];
    if (fence === undefined && mark === undefined) return withPlainMasksInLine(line);
    fence = fence === undefined ? mark : line === fence ? undefined : fence;
    return line;
  });
  return lines.join('\n');
}

function withPlainMasksInLine(line: string): string {
  return line.replace(/`[^`]*`|\*{3}/g, (part) => (part === '***' ? '&#42;&#42;&#42;' : part));
}

/** A link; without a URL its text alone. Both are Markdown that is safe already, or a URL. */
export function link(text: string, url: string | undefined): string {
  return url === undefined
    ? text
    : `[${text}](${url.replace(/[()<>\s]/g, (character) => `%${character.charCodeAt(0).toString(16)}`)})`;
}

/** A table of cells that are Markdown already; nothing where there are no rows. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line), ''];
}

/** Text as it is, in a font of equal widths. */
export function preformatted(text: string): string {
  return `<pre>\n${text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')}\n</pre>`;
}

/** The text, or its beginning with a word that the rest is in the log. */
export function cut(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest)}\n… (cut: see the log)`;
}

/** What the operator should look at, one paragraph each. */
export function warningLines(warnings: readonly string[]): string[] {
  return warnings.flatMap((warning) => [`⚠️ ${plain(warning)}`, '']);
}
