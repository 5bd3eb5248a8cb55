import { isSecretKey } from './config/config-values.ts';
import { YamlError } from './yaml/cursor.ts';
import { type Node, parseDocument, type ValuePlace } from './yaml/parser.ts';

/** What a file must not show, besides the values of secret keys. */
export interface Hidden {
  /** Masked everywhere. */
  readonly secrets: readonly string[];
  /** Texts, and what is shown in their place. */
  readonly replacements: ReadonlyMap<string, string>;
}

const MASK = '***';
/** A shorter secret is masked as the value of its key only: within other texts the mask would mangle them. */
const SHORTEST_WITHIN = 4;
/** Between a name and its value. */
const ASSIGNMENT = /["']?[ \t]*[:=][ \t]*(?=[^\s#])/y;
/** User and password of a URL, after its `://`. */
const USER_INFO = /([^\s:@/"']*:)[^\s@/"']+@/y;

/**
 * The lines of YAML files as they may be shown, one for each line. `***` replaces the values of secret keys, and these
 * values and the secrets of `hidden` everywhere else in all of the files, within other strings too. A file that is not
 * YAML is masked as a whole.
 *
 * @param texts files that belong together, such as one before and after a change
 */
export function shownLines(texts: readonly string[], { secrets, replacements }: Hidden): string[][] {
  const found = texts.map(secretsIn);
  const all = [...secrets, ...found.flatMap(({ values }) => values)];
  return texts.map((text, index) => {
    const places = found[index]?.places;
    if (places === undefined) return text.split('\n').map(() => MASK);
    const hidden = withUrlsHidden(withCommentsHidden(withValuesHidden(text, places)));
    const replaced = [...replacements].reduce((shown, [from, to]) => shown.replaceAll(from, to), hidden);
    return withoutSecrets(replaced, all).split('\n');
  });
}

/** The secrets of one file, and their places; no places for a file that is not YAML. */
function secretsIn(text: string): { values: readonly string[]; places: readonly ValuePlace[] | undefined } {
  const root = rootOf(text);
  if (root === 'unreadable') return { values: [], places: undefined };
  const pairs = [...nodesIn(root)].flatMap((node) => (node.kind === 'mapping' ? node.pairs : []));
  const secret = pairs.filter(({ key }) => key.kind === 'scalar' && isSecretKey(key.text));
  return {
    values: secret.flatMap(({ value }) =>
      [...nodesIn(value)].flatMap((node) => (node.kind === 'scalar' ? [node.text] : [])),
    ),
    places: secret.flatMap(({ place }) => (place === undefined ? [] : [place])),
  };
}

function rootOf(text: string): Node | undefined | 'unreadable' {
  try {
    return parseDocument(text).root;
  } catch (error) {
    if (error instanceof YamlError) return 'unreadable';
    throw error;
  }
}

/** A value and all that it consists of, without keys; what stands there as an alias too comes once. */
function nodesIn(root: Node | undefined): ReadonlySet<Node> {
  const found = new Set<Node>(root === undefined ? [] : [root]);
  // A set also gives what is added while it is read.
  for (const node of found) {
    if (node.kind === 'sequence') for (const item of node.items) found.add(item);
    if (node.kind === 'mapping') for (const { value } of node.pairs) found.add(value);
  }
  return found;
}

/** Puts the mask in place of each value, on as many lines as it has, with a comment on its last line. */
function withValuesHidden(text: string, places: readonly ValuePlace[]): string {
  let shown = '';
  let from = 0;
  for (const { colonEnd, end } of places.toSorted((a, b) => a.colonEnd - b.colonEnd)) {
    if (colonEnd < from || end <= colonEnd) continue;
    const lineEnds = text.slice(colonEnd, end).split('\n').length - 1;
    shown += `${text.slice(from, colonEnd)} ${MASK}${`\n${MASK}`.repeat(lineEnds)}`;
    const [comment = ''] = /^[ \t]+#[^\r\n]*/.exec(text.slice(end)) ?? [];
    from = end + comment.length;
  }
  return shown + text.slice(from);
}

/**
 * Masks a comment from the value of a secret on: `# MYSQL_PASSWORD: "old"`. Words are looked at one by one: a pattern for
 * all of it would take cubic time for a long one.
 */
function withCommentsHidden(text: string): string {
  return text.split('\n').map(withCommentHidden).join('\n');
}

function withCommentHidden(line: string): string {
  const start = line.indexOf('#');
  if (start < 0) return line;
  for (const { 0: word, index } of line.slice(start).matchAll(/\w+/g)) {
    if (!isSecretKey(word)) continue;
    ASSIGNMENT.lastIndex = start + index + word.length;
    if (ASSIGNMENT.test(line)) return `${line.slice(0, ASSIGNMENT.lastIndex)}${MASK}${line.endsWith('\r') ? '\r' : ''}`;
  }
  return line;
}

/** Masks the passwords of URLs. */
function withUrlsHidden(text: string): string {
  const [first = '', ...rest] = text.split('://');
  return rest.reduce((shown, part) => {
    USER_INFO.lastIndex = 0;
    const [found = '', user = ''] = USER_INFO.exec(part) ?? [];
    return `${shown}://${found === '' ? '' : `${user}${MASK}@`}${part.slice(found.length)}`;
  }, first);
}

function withoutSecrets(text: string, secrets: readonly string[]): string {
  const forms = [...new Set(secrets.flatMap(formsOf))].filter((form) => form.length >= SHORTEST_WITHIN);
  const longestFirst = forms.sort((a, b) => b.length - a.length);
  return longestFirst.reduce((shown, form) => shown.replaceAll(form, MASK), text);
}

/** The forms of a secret in a text: itself, each of its lines, and as in JSON, in a URL and in base64. */
function formsOf(secret: string): string[] {
  const lines = secret.split(/[\r\n]+/).map((line) => line.trim());
  const inUrl = secret.isWellFormed() ? [encodeURIComponent(secret)] : [];
  return [secret, ...lines, JSON.stringify(secret).slice(1, -1), ...inUrl, Buffer.from(secret).toString('base64')];
}
