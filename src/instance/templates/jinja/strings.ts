/** What Python does with texts and JavaScript does otherwise. Texts count by code points. */

/** Python's `str.strip`, `lstrip` and `rstrip`: any of the characters, or white space. */
export function strip(text: string, characters: string | undefined, side: 'left' | 'right' | 'both'): string {
  const all = [...text];
  const isStripped = (character: string) =>
    characters === undefined ? isSpace(character) : characters.includes(character);
  const first = side === 'right' ? 0 : all.findIndex((character) => !isStripped(character));
  if (first < 0) return '';
  const last = side === 'left' ? all.length - 1 : all.findLastIndex((character) => !isStripped(character));
  return all.slice(first, last + 1).join('');
}

/** Control characters that Python takes for white space; the first three of them and the last end a line. */
const INFORMATION_SEPARATORS = ['\u001c', '\u001d', '\u001e', '\u0085'];
const SPACES: ReadonlySet<string> = new Set([...INFORMATION_SEPARATORS, '\u001f']);

/** White space as Python's `str.isspace` has it. */
export function isSpace(character: string): boolean {
  return SPACES.has(character) || (/^\s$/u.test(character) && character !== '\uFEFF');
}

/** Python's `str.split()` without a separator: words between white space, at most so many splits. */
export function words(text: string, most = -1): string[] {
  const found: string[] = [];
  let rest = strip(text, undefined, 'left');
  while (rest !== '') {
    if (most >= 0 && found.length === most) return [...found, strip(rest, undefined, 'right')];
    const end = [...rest].findIndex(isSpace);
    const word = end < 0 ? rest : [...rest].slice(0, end).join('');
    found.push(word);
    rest = strip(rest.slice(word.length), undefined, 'left');
  }
  return found;
}

/** Python's `str.split` with a separator. @throws Error for an empty one */
export function split(text: string, separator: string, most = -1): string[] {
  if (separator === '') throw new Error('needs a separator that is not empty');
  const parts = text.split(separator);
  if (most < 0 || parts.length <= most + 1) return parts;
  return [...parts.slice(0, most), parts.slice(most).join(separator)];
}

/** Python's `str.rsplit` with a separator. */
export function splitFromRight(text: string, separator: string, most = -1): string[] {
  const parts = split(text, separator);
  if (most < 0 || parts.length <= most + 1) return parts;
  const head = parts.length - most;
  return [parts.slice(0, head).join(separator), ...parts.slice(head)];
}

/** What ends a line, as Python's `str.splitlines` has it. */
const LINE_END = new RegExp(
  ['\r\n', '\n', '\r', '\v', '\f', ...INFORMATION_SEPARATORS, '\u2028', '\u2029'].join('|'),
  'g',
);

/** Python's `str.splitlines`. */
export function lines(text: string, keepEnds = false): string[] {
  const found: string[] = [];
  let at = 0;
  for (const end of text.matchAll(LINE_END)) {
    found.push(text.slice(at, keepEnds ? end.index + end[0].length : end.index));
    at = end.index + end[0].length;
  }
  return at === text.length ? found : [...found, text.slice(at)];
}

/** Python's `str.replace`. */
export function replace(text: string, old: string, by: string, most = -1): string {
  if (most < 0)
    return old === '' ? [...text].map((character) => by + character).join('') + by : text.replaceAll(old, () => by);
  if (old === '') throw new Error('cannot replace an empty text a number of times here');
  const parts = text.split(old);
  const head = parts.slice(0, most + 1);
  return parts.length <= most + 1 ? head.join(by) : `${head.join(by)}${old}${parts.slice(most + 1).join(old)}`;
}

/** Python's `str.capitalize`. */
export function capitalize(text: string): string {
  const [first = '', ...rest] = text;
  requireOwnTitle(first);
  return first.toUpperCase() + lower(rest.join(''));
}

/** Python's `str.title`: a letter after anything but a letter is upper case. */
export function title(text: string): string {
  let isInside = false;
  return Array.from(text, (character) => {
    const isCased = /\p{L}/u.test(character) && character.toLowerCase() !== character.toUpperCase();
    const changed = isInside ? lower(character) : character.toUpperCase();
    if (isCased && !isInside) requireOwnTitle(character);
    isInside = isCased;
    return changed;
  }).join('');
}

/** Python's `str.lower`; the final sigma depends on the word in both. */
export function lower(text: string): string {
  return text.toLowerCase();
}

/** A few letters, such as `ß` and `ǆ`, have a title case that JavaScript does not know. */
function requireOwnTitle(character: string): void {
  if (
    [...character.toUpperCase()].length > 1 ||
    /[\u01c4-\u01cc\u01f1-\u01f3\u10d0-\u10ff\u1f80-\u1fff]/u.test(character)
  )
    throw new Error(`the title case of ${character} is not supported`);
}

/** Fills a text up to a width. Python's `center` puts an odd blank to the left where the width is odd. */
export function pad(text: string, width: number, fill: string, side: 'left' | 'right' | 'both'): string {
  const missing = width - [...text].length;
  if ([...fill].length !== 1) throw new Error('needs one character to fill with');
  if (missing <= 0) return text;
  if (side !== 'both') return side === 'left' ? fill.repeat(missing) + text : text + fill.repeat(missing);
  const left = Math.floor(missing / 2) + (missing & width & 1);
  return fill.repeat(left) + text + fill.repeat(missing - left);
}

/** Python's slices of a list of anything. */
export function slice<T>(items: readonly T[], start: number | undefined, stop: number | undefined, step = 1): T[] {
  if (step === 0) throw new Error('a slice needs a step that is not zero');
  const { length } = items;
  const [least, most] = step > 0 ? [0, length] : [-1, length - 1];
  const bound = (index: number | undefined, fallback: number) => {
    if (index === undefined) return fallback;
    return Math.min(Math.max(index < 0 ? index + length : index, least), most);
  };
  const from = bound(start, step > 0 ? 0 : length - 1);
  const to = bound(stop, step > 0 ? length : -1);
  const found: T[] = [];
  for (let at = from; step > 0 ? at < to : at > to; at += step) {
    const item = items[at];
    if (item !== undefined) found.push(item);
  }
  return found;
}
