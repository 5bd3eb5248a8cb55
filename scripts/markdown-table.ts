/** A table, not padded: long cells would make every line as long as the longest. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = rows.map((row) => line(row.map((cell) => cell.replaceAll('|', '\\|').replaceAll('<', '\\<'))));
  return [line(head), line(head.map(() => '---')), ...lines].join('\n');
}

/** The document with that content between the markers of the name. */
export function between(name: string, content: string, document: string): string {
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const [from, to] = [document.indexOf(begin), document.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`The document has no ${begin} … ${end}`);
  return `${document.slice(0, from + begin.length)}\n\n${content}\n\n${document.slice(to)}`;
}

/** A row of a table. */
export function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
