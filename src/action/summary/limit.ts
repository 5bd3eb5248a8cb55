/** GitHub drops a summary of more than 1 MiB as a whole; the rest is room for what says that it was cut. */
export const MOST_BYTES = 1_048_576 - 1_024;

/** The text, or as many of its lines as GitHub keeps, with what the cut left open closed. */
export function capped(markdown: string, { what = 'summary', mostBytes = MOST_BYTES } = {}): string {
  const bytes = Buffer.from(markdown);
  if (bytes.length <= mostBytes) return markdown;
  const kept = bytes.subarray(0, bytes.lastIndexOf('\n', mostBytes)).toString();
  return `${kept}\n${closing(kept)}\n\nThe ${what} was longer than GitHub keeps, and is cut here: see the log.\n`;
}

function closing(markdown: string): string {
  const isInFence = (markdown.match(/^```/gm) ?? []).length % 2 === 1;
  const isOpen = (tag: string) => markdown.lastIndexOf(`<${tag}>`) > markdown.lastIndexOf(`</${tag}>`);
  return [...(isInFence ? ['```'] : []), ...['pre', 'details'].filter(isOpen).map((tag) => `</${tag}>`)].join('\n');
}
