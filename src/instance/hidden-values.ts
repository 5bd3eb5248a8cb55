import { type Document, isNode, isScalar, type Node, parseDocument, visit } from 'yaml';
import { isSecretKey } from './config/config-problems.ts';

/** What of a file must not be shown, besides the values of its keys for secrets. */
export interface Hidden {
  /** Secrets, wherever they stand. */
  readonly secrets: readonly string[];
  /** Texts that are shown as others. */
  readonly replacements: ReadonlyMap<string, string>;
}

const MASK = '***';
/** A shorter secret is hidden where it is the value of its key, and not within other texts: it would mangle them. */
const SHORTEST_WITHIN = 4;
/** A comment that seems to give a secret: `# MYSQL_PASSWORD: "old"`. */
const SECRET_COMMENT = /(#[^\n]*?\w*(?:pass|pwd|secret|key|token|credential)\w*["']?\s*[:=][ \t]*)[^\s#][^\r\n]*/gi;
/** The password in a URL. */
const URL_PASSWORD = /([a-z][a-z0-9+.-]*:\/\/[^\s:@/"']*:)[^\s@/"']+@/gi;

/**
 * The lines of YAML files as they may be shown, as many as each has: with `***` for the values of keys that name secrets,
 * and for those values and the secrets of `hidden` wherever else they stand in one of the files, also within other strings.
 * Of a file that cannot be read nothing is shown.
 *
 * @param texts files that belong together, such as one before and after a change
 */
export function shownLines(texts: readonly string[], { secrets, replacements }: Hidden): string[][] {
  const found = texts.map(secretPlaces);
  const all = [...secrets, ...found.flatMap(({ values }) => values)];
  return texts.map((text, index) => {
    const spans = found[index]?.spans;
    if (spans === undefined) return text.split('\n').map(() => MASK);
    const hidden = withSpansHidden(text, spans)
      .replace(SECRET_COMMENT, `$1${MASK}`)
      .replace(URL_PASSWORD, `$1${MASK}@`);
    const replaced = [...replacements].reduce((shown, [from, to]) => shown.replaceAll(from, to), hidden);
    return withoutSecrets(replaced, all).split('\n');
  });
}

/** The secrets of one file and where they stand; without places where it cannot be read. */
function secretPlaces(text: string): { values: readonly string[]; spans: readonly Span[] | undefined } {
  const document = parseDocument(text, { version: '1.1', logLevel: 'silent', strict: false, uniqueKeys: false });
  if (document.errors.length > 0) return { values: [], spans: undefined };
  const spans: Span[] = [];
  const values: string[] = [];
  visit(document, {
    Pair: (_, { key, value }) => {
      if (!isScalar(key) || !isSecretKey(String(key.value)) || !isNode(value)) return;
      values.push(...scalarsIn(value, document));
      spans.push(spanOf(text, key, value));
    },
  });
  return { values, spans };
}

/** The texts and numbers of a value, whatever its form; an alias stands for what it names. */
function scalarsIn(value: Node, document: Document, known = new Set<Node>()): string[] {
  if (known.has(value)) return [];
  known.add(value);
  const found: string[] = [];
  visit(value, {
    Scalar: (position, scalar) => {
      const isText = typeof scalar.value === 'string' || typeof scalar.value === 'number';
      if (isText && position !== 'key') found.push(String(scalar.value));
    },
    Alias: (_, alias) => {
      const target = alias.resolve(document);
      if (target !== undefined) found.push(...scalarsIn(target, document, known));
    },
  });
  return found;
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** From after the key's colon to the end of its value, and of a comment on the same line. */
function spanOf(text: string, key: Node, value: Node): Span {
  const [, keyEnd = 0] = key.range ?? [];
  const [, valueEnd = keyEnd] = value.range ?? [];
  const start = text.indexOf(':', keyEnd) + 1;
  const end = start + text.slice(start, valueEnd).trimEnd().length;
  const [comment = ''] = /^[ \t]+#[^\r\n]*/.exec(text.slice(end)) ?? [];
  return { start, end: end + comment.length };
}

/** Puts the mask in place of each span, on as many lines as it has. */
function withSpansHidden(text: string, spans: readonly Span[]): string {
  let shown = '';
  let from = 0;
  for (const { start, end } of spans.toSorted((a, b) => a.start - b.start)) {
    if (start < from || end <= start) continue;
    const lineEnds = text.slice(start, end).split('\n').length - 1;
    shown += `${text.slice(from, start)} ${MASK}${`\n${MASK}`.repeat(lineEnds)}`;
    from = end;
  }
  return shown + text.slice(from);
}

function withoutSecrets(text: string, secrets: readonly string[]): string {
  const forms = [...new Set(secrets.flatMap(formsOf))].filter((form) => form.length >= SHORTEST_WITHIN);
  const longestFirst = forms.sort((a, b) => b.length - a.length);
  return longestFirst.reduce((shown, form) => shown.replaceAll(form, MASK), text);
}

/** A secret as it may stand in a text: itself, its lines, and as it is written in JSON, in a URL and in base64. */
function formsOf(secret: string): string[] {
  const lines = secret.split(/[\r\n]+/).map((line) => line.trim());
  const inUrl = secret.isWellFormed() ? [encodeURIComponent(secret)] : [];
  return [secret, ...lines, JSON.stringify(secret).slice(1, -1), ...inUrl, Buffer.from(secret).toString('base64')];
}
