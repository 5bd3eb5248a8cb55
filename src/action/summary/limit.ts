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

/** A part of a document that is there as a whole or not at all. */
export interface Block {
  readonly lines: readonly string[];
  /** Those with a lower number get room first. */
  readonly rank: number;
  /** What it is, in words, for the note that it was left out. */
  readonly what: string;
}

/**
 * The blocks, in their order, for which there is room: first those of the lowest rank, and of the same rank the first.
 *
 * @param mostBytes of UTF-8, line ends included
 * @returns also what is left out
 */
export function fitting(
  blocks: readonly Block[],
  mostBytes: number,
): { readonly lines: string[]; readonly leftOut: string[] } {
  let left = mostBytes;
  const chosen = new Set<Block>();
  for (const block of blocks.toSorted((a, b) => a.rank - b.rank)) {
    const bytes = Buffer.byteLength(block.lines.join('\n')) + 1;
    if (bytes > left) continue;
    chosen.add(block);
    left -= bytes;
  }
  return {
    lines: blocks.filter((block) => chosen.has(block)).flatMap(({ lines }) => lines),
    leftOut: blocks.filter((block) => !chosen.has(block)).map(({ what }) => what),
  };
}
